"""One's own sign-ins: seeing and ending them."""

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tests.pages import is_signed_in, read, rows, submit_password
from users.browsers import browser_of

LIST = reverse("profile:sign_in_list")
END_OTHERS = reverse("profile:sign_in_end_others")
HOME = reverse("home")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def enter(client, user, browser):
    client.defaults["HTTP_USER_AGENT"] = browser
    submit_password(client, user.email)


def listed(client):
    return rows(read(client.get(LIST)))


def test_browsers_are_named_with_address_and_times(client, other_client, basic):
    with time_machine.travel(dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC), tick=False) as clock:
        enter(other_client, basic, IPHONE)
        clock.shift(dt.timedelta(hours=1))
        enter(client, basic, FIREFOX)
        clock.shift(dt.timedelta(minutes=5))
        other_client.get(HOME)
        clock.shift(dt.timedelta(minutes=5))
        page = listed(client)

    def line(browser, since, seen, end):
        times = [f"Apr 10, 2026, {at}\N{NO-BREAK SPACE}PM" for at in (since, seen)]
        return [f"{browser} 127.0.0.1 last used {times[1]}", "127.0.0.1", *times, end]

    assert [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in page] == [
        [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row]
        for row in (
            line("Firefox on Windows", "1:00", "1:10", "This browser"),
            line("Safari on iPhone", "12:00", "1:05", "End : Safari on iPhone"),
        )
    ]


def test_ending_one_works_on_its_next_request(client, other_client, basic):
    enter(other_client, basic, IPHONE)
    enter(client, basic, FIREFOX)
    assert is_signed_in(other_client)  # and so cached
    theirs = UserSession.objects.get(user_agent=IPHONE)

    response = client.post(reverse("profile:sign_in_end", args=[theirs.pk]))

    assert response["Location"] == LIST
    assert not is_signed_in(other_client)
    assert is_signed_in(client)
    assert not Session.objects.filter(pk=theirs.session_key).exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.verb) == (basic, "ended a sign-in of")
    assert entry.before == {"sign_ins": ["Safari on iPhone, 127.0.0.1"]}


def test_all_others_are_ended_at_once(client, basic, clients):
    for browser in clients:
        enter(browser, basic, IPHONE)
    enter(client, basic, FIREFOX)

    response = client.post(END_OTHERS, follow=True)

    assert "3 other browsers are signed out." in read(response).text
    assert [is_signed_in(browser) for browser in clients] == [False] * 3
    assert is_signed_in(client)
    assert len(listed(client)) == 1


def test_there_is_nothing_to_end_but_others(client, basic):
    enter(client, basic, FIREFOX)
    own = UserSession.objects.get()

    assert client.post(reverse("profile:sign_in_end", args=[own.pk])).status_code == 404
    assert "0 other browsers" in read(client.post(END_OTHERS, follow=True)).text
    assert is_signed_in(client)


def test_another_person_s_sign_in_is_not_there(client, other_client, basic, admin):
    enter(other_client, admin, IPHONE)
    enter(client, basic, FIREFOX)
    theirs = UserSession.objects.get(user=admin)

    assert client.post(reverse("profile:sign_in_end", args=[theirs.pk])).status_code == 404
    client.post(END_OTHERS)
    assert is_signed_in(other_client)


def test_only_what_still_works_is_listed(client, clients, basic):
    for browser in clients:
        enter(browser, basic, IPHONE)
    enter(client, basic, FIREFOX)
    outdated, expired, _still_good = (browser.session for browser in clients)
    outdated[HASH_SESSION_KEY] = "of an epoch before"
    outdated.save()
    Session.objects.filter(pk=expired.session_key).update(expire_date=timezone.now())

    assert [row[0].partition(" 127")[0] for row in listed(client)] == [
        "Firefox on Windows",
        "Safari on iPhone",
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_more_sign_ins_take_no_more_queries(
    client, basic, clients, count, django_assert_num_queries
):
    for browser in [*clients[:count], client]:
        enter(browser, basic, FIREFOX)

    with django_assert_num_queries(5):
        assert len(listed(client)) == count + 1


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPHONE, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like"
            " Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/142.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64) Chrome/142.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        ("curl/8.5.0", "Another program"),
        ("<script>alert(1)</script> Linux", "Linux"),
        ("", "Another program"),
    ],
)
def test_browser_in_words(user_agent, words):
    assert browser_of(user_agent) == words
