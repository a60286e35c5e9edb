"""The Conference Manager: who finds which conferences, by which words, and what is told of each."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.templatetags.dates import when
from conferences.models import Conference, Schedule
from conferences.schedules import next_start
from conferences.services import live
from tests import make
from tests.conferences.addresses import page_of
from tests.pages import card, rows, sign_in

LIST = reverse("conferences:conference_list")
NOON = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)


def weekly(line):
    """Let a conference meet each Friday at nine in London, from the 20th of March on."""
    Schedule.objects.create(
        conference=line,
        starts_on=dt.date(2026, 3, 20),
        starts_at_time=dt.time(9),
        time_zone="Europe/London",
        minutes=60,
        repeats="weekly",
    )


def names(section):
    return [row[0] for row in rows(section)]


@pytest.fixture
def lines(account):
    """Three on-demand lines of the account, by name."""
    named = [("Board", "30101"), ("Sales", "30103"), ("Tøj Ω", "30102")]
    return {
        name: make.conference(account=account, name=name, number=number) for name, number in named
    }


def test_admin_finds_every_conference_of_the_account(client, admin, stranger, lines):
    make.conference(account=stranger.account, name="Not theirs")
    sign_in(client, admin)

    response = client.get(LIST)

    assert names(card(response, "on-demand")) == ["Board 30101", "Sales 30103", "Tøj Ω 30102"]
    assert card(response, "one-time").all("h3")[0].text == "No one-time conferences"


def test_basic_user_finds_the_ticked_conferences_and_opens_what_they_may(client, basic, lines):
    make.rights(basic, lines["Board"], "view")
    make.rights(basic, lines["Sales"], "recording")
    sign_in(client, basic)

    on_demand = card(client.get(LIST), "on-demand")

    assert names(on_demand) == ["Board 30101", "Sales 30103 · recordings only"]
    links = [link.attributes["href"] for link in on_demand.all("a")]
    recordings = reverse("conferences:recording_list", args=[lines["Sales"].pk])
    assert links == [page_of(lines["Board"]), recordings]


def test_recording_alone_does_not_open_the_page(client, basic, lines):
    make.rights(basic, lines["Sales"], "recording")
    sign_in(client, basic)

    assert client.get(page_of(lines["Sales"])).status_code == 403


def test_user_without_rights_finds_an_explained_empty_list(client, basic, lines):
    sign_in(client, basic)

    assert card(client.get(LIST), "on-demand").one("h3").text == "No on-demand conferences"


def test_billing_user_may_not_open_the_list(client, biller):
    sign_in(client, biller)

    assert client.get(LIST).status_code == 403


def test_what_is_not_yours_and_what_never_was_look_the_same(client, basic, stranger, lines):
    foreign = make.conference(account=stranger.account)
    sign_in(client, basic)

    answers = [client.get(page_of(line)) for line in (foreign, lines["Board"])]
    never = client.get(reverse("conferences:conference_view", args=[10**9]))

    assert [answer.status_code for answer in (*answers, never)] == [404, 404, 404]
    assert {answer.content for answer in answers} == {never.content}


def test_a_search_for_what_no_name_can_hold_is_a_search_without_it(client, admin, lines):
    sign_in(client, admin)

    all_of_them, board = (client.get(f"{LIST}?q={words}") for words in ("%00", "Bo%00ard"))

    assert len(names(card(all_of_them, "on-demand"))) == 3
    assert names(card(board, "on-demand")) == ["Board 30101"]


def test_one_time_conferences_come_latest_first(client, admin):
    for name, day in (("Old", 3), ("New", 20), ("Middle", 9)):
        line = make.conference(account=admin.account, name=name, number=name, kind="one_time")
        Schedule.objects.create(
            conference=line,
            starts_on=dt.date(2026, 3, day),
            starts_at_time=dt.time(14, 30),
            time_zone="Europe/London",
            minutes=60,
        )
    sign_in(client, admin)

    listed = [(row[0], row[2]) for row in rows(card(client.get(LIST), "one-time"))]

    assert listed == [
        ("New New", "was Mar 20, 2026, 10:30 AM"),
        ("Middle Middle", "was Mar 9, 2026, 10:30 AM"),
        ("Old Old", "was Mar 3, 2026, 9:30 AM"),
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("board", ["Board 30101"]),
        ("30103", ["Sales 30103"]),
        ("cc-7", ["Sales 30103"]),
        ("tøj", ["Tøj Ω 30102"]),
        (" ", ["Board 30101", "Sales 30103", "Tøj Ω 30102"]),
        ("%", []),
    ],
)
def test_search_looks_at_name_number_and_billing_code(client, admin, lines, words, found):
    lines["Sales"].billing_code = "CC-77"
    lines["Sales"].save()
    sign_in(client, admin)

    assert names(card(client.get(LIST, {"q": words}), "on-demand")) == found


def test_who_may_only_listen_finds_the_line_but_no_code_date_or_call_of_it(client, basic, lines):
    line = lines["Board"]
    line.billing_code = "CC-77"
    line.save()
    weekly(line)
    make.session(conference=line)
    make.rights(basic, line, "recording")
    sign_in(client, basic)

    listed = rows(card(client.get(LIST, {"q": "board"}), "on-demand"))
    by_code = client.get(LIST, {"q": "CC-7"})

    assert listed == [["Board 30101 · recordings only", "–", "–", "–", "Scheduled"]]
    assert names(card(by_code, "on-demand")) == []
    make.rights(basic, line, "view")
    assert names(card(client.get(LIST, {"q": "CC-7"}), "on-demand")) == ["Board 30101"]


def test_search_that_finds_nothing_says_for_what(client, admin, lines):
    sign_in(client, admin)

    nothing = card(client.get(LIST, {"q": "<b>"}), "on-demand")

    assert nothing.all("p")[1].text == (
        "No on-demand conference has “<b>” in its name, number or billing code."
    )


def test_fifty_conferences_fill_a_page_and_search_is_kept(client, admin):
    for number in range(51):
        make.conference(account=admin.account, name=f"Line {number:02}")
    sign_in(client, admin)

    first = card(client.get(LIST, {"q": "Line"}), "on-demand")

    assert len(rows(first)) == 50
    assert first.all("a")[-1].attributes["href"] == "?q=Line&on_demand=2"
    assert len(rows(card(client.get(LIST, {"q": "Line", "on_demand": 2}), "on-demand"))) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_longer_list_takes_no_more_queries(client, basic, count, django_assert_num_queries):
    for number in range(count):
        for kind in ("on_demand", "one_time"):
            line = make.conference(account=basic.account, name=f"{kind} {number}", kind=kind)
            make.rights(basic, line, "view")
            make.session(conference=line)
            weekly(line)
    sign_in(client, basic)

    with django_assert_num_queries(7):
        response = client.get(LIST)

    assert len(rows(card(response, "on-demand"))) == count


def test_a_repeated_conference_shows_its_next_date_and_a_closed_one_its_last(client, admin):
    for name, closed_at in (("Open", None), ("Shut", NOON)):
        line = make.conference(account=admin.account, name=name, number=name, closed_at=closed_at)
        weekly(line)
    sign_in(client, admin)

    dates = {row[0]: row[2] for row in rows(card(client.get(LIST), "on-demand"))}

    start = next_start(Conference.objects.get(name="Open").schedule, now=timezone.now())
    with timezone.override(admin.time_zone):
        shown = " ".join(when(start).split())
    assert dates == {"Open Open": shown, "Shut Shut": "was Mar 20, 2026, 5:00 AM"}


def test_the_list_tells_who_is_on_now_to_those_who_may_know(client, basic, lines):
    make.rights(basic, lines["Board"], "moderate")
    make.rights(basic, lines["Sales"], "recording")
    make.rights(basic, lines["Tøj Ω"], "view")
    cache.set(live.COUNTS, {"30101": 3, "30103": 2, "30102": 1})
    sign_in(client, basic)

    on_demand = card(client.get(LIST), "on-demand")

    assert {row[0]: row[4] for row in rows(on_demand)} == {
        "Board 30101": "3 on now",
        "Sales 30103 · recordings only": "Scheduled",
        "Tøj Ω 30102": "1 on now",
    }
    pages = [link.attributes["href"] for link in on_demand.all("a")]
    assert pages == [
        page_of(lines["Board"]),
        reverse("conferences:live_view", args=[lines["Board"].pk]),
        reverse("conferences:recording_list", args=[lines["Sales"].pk]),
        page_of(lines["Tøj Ω"]),
    ]
