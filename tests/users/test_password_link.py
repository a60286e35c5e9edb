"""A password by a link in a letter: a new one, or the first of an invited person."""

import datetime as dt
import re
from time import sleep

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from tests import make
from tests.children import run_together
from tests.pages import complaints, read, sign_in, submit_password
from users.models import User
from users.services.signing_in import AlreadyChosen, choose_password

ASK = reverse("account_reset_password")
HOME = reverse("home")
NEW = "quite another one"


@pytest.fixture
def invited(account):
    return make.user(
        account=account,
        email="new@aurora.example",
        name="Nia New",
        password=None,
        email_confirmed_at=None,
    )


def ask(client, email):
    return client.post(ASK, {"email": email}, follow=True)


def links():
    """Send what is due, and return the links in it."""
    list(send_due_letters(now=timezone.now()))
    return re.findall(r"http://localhost:8000(/customer/password/\S+)", mail.outbox[-1].body)


def link_for(email):
    ask(Client(), email)
    (link,) = links()
    return link


def opened(client, link):
    """Open a link, and return the address of the page with the form."""
    return client.get(link)["Location"]


def choose(client, page, password=NEW, again=None):
    return client.post(page, {"password1": password, "password2": again or password}, follow=True)


def gets_in(email, password=NEW):
    client = Client()
    submit_password(client, email, password)
    return client.get(HOME).status_code == 200


def verbs():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_link_in_a_letter_sets_a_new_password(client, basic):
    link = link_for("Basic@Aurora.example")
    response = choose(client, opened(client, link))

    assert mail.outbox[0].to == [basic.email]
    assert mail.outbox[0].subject == "Choose a new password"
    assert read(response).one("h1").text == "Your password is set"
    assert gets_in(basic.email)
    assert not gets_in(basic.email, make.PASSWORD)


def test_link_works_once(client, basic):
    link = link_for(basic.email)
    choose(client, opened(client, link))

    again = Client().get(link)

    assert read(again).one("h1").text == "This link no longer works"


def test_second_tab_with_the_same_link_comes_too_late(client, basic):
    page = opened(client, link_for(basic.email))
    client.get(page)
    choose(client, page)

    response = choose(client, page, "a third password")

    assert read(response).one("h1").text == "This link no longer works"
    assert gets_in(basic.email)


def test_two_who_choose_at_once_are_told_apart(basic):
    seen_by_another = User.objects.get(pk=basic.pk)
    by, now = Actor(user=basic), timezone.now()
    choose_password(basic, password=NEW, by=by, now=now)

    with pytest.raises(AlreadyChosen):
        choose_password(seen_by_another, password="a third password", by=by, now=now)

    basic.refresh_from_db()
    assert basic.check_password(NEW)


@pytest.mark.django_db(transaction=True)
def test_link_opened_twice_and_sent_at_once_sets_one_password():
    person = make.user(account=make.account(), email="twice@aurora.example")
    tabs = [Client(), Client()]
    pages = [
        opened(tab, link) for tab, link in zip(tabs, 2 * [link_for(person.email)], strict=True)
    ]

    def tab_sends(number):
        sleep(0.3)  # until the person is held
        response = choose(tabs[number], pages[number], f"{NEW} {number}")
        heading = read(response).one("h1").text
        assert heading in {"Your password is set", "This link no longer works"}

    def both_wait():
        with transaction.atomic():
            User.objects.select_for_update().get(pk=person.pk)
            sleep(1)

    run_together(both_wait, lambda: tab_sends(0), lambda: tab_sends(1))

    assert verbs() == ["chose a new password"]


def test_link_works_for_72_hours(client, basic):
    link = link_for(basic.email)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=71, minutes=59)):
        assert client.get(link).status_code == 302
    with time_machine.travel(timezone.now() + dt.timedelta(hours=72, minutes=1)):
        assert read(Client().get(link)).one("h1").text == "This link no longer works"


def test_signing_in_makes_older_links_useless(client, basic):
    link = link_for(basic.email)
    gets_in(basic.email, make.PASSWORD)

    assert read(client.get(link)).one("h1").text == "This link no longer works"


@pytest.mark.parametrize("removed_at", [None, dt.datetime(2026, 11, 1, tzinfo=dt.UTC)])
def test_link_of_a_disabled_or_removed_person_does_not_work(client, basic, removed_at):
    link = link_for(basic.email)
    page = opened(client, link)
    User.objects.filter(pk=basic.pk).update(is_active=False, removed_at=removed_at)

    answers = [client.get(link), client.get(page), choose(client, page)]

    assert {read(answer).one("h1").text for answer in answers} == {"This link no longer works"}


@pytest.mark.parametrize("link", ["1-never-given", "zzzzzzzzzzzzzzzzzzzzzzzzz-x-y", "0-%00-%00"])
def test_made_up_link_does_not_work(client, basic, link):
    response = client.get(f"{ASK}{link}/")

    assert read(response).one("h1").text == "This link no longer works"


def test_bad_password_gets_a_sentence_beside_the_field(client, basic):
    page = opened(client, link_for(basic.email))

    assert [
        complaints(choose(client, page, *typed))
        for typed in [["short"], ["password12345"], ["basic@aurora.example"], [NEW, "other"]]
    ] == [
        ["This password is too short. It must contain at least 12 characters."],
        ["This password is too common."],
        ["The password is too similar to the e-mail."],
        ["You must type the same password each time."],
    ]
    assert not gets_in(basic.email)


def test_new_password_ends_every_sign_in_and_is_told_to_the_owner(client, basic):
    elsewhere = Client()
    sign_in(elsewhere, basic)
    choose(client, opened(client, link_for(basic.email)))
    list(send_due_letters(now=timezone.now()))

    assert elsewhere.get(HOME).status_code == 302
    assert [letter.subject for letter in mail.outbox] == [
        "Choose a new password",
        "Your password was changed",
    ]
    assert "127.0.0.1" in mail.outbox[1].body
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.account) == (
        "chose a new password",
        basic,
        basic.account,
    )


def test_invited_person_chooses_a_password_and_is_there(client, invited):
    page = opened(client, link_for(invited.email))
    heading = read(client.get(page)).one("h1").text

    choose(client, page)

    invited.refresh_from_db()
    assert mail.outbox[0].subject == "Choose your password"
    assert heading == "Welcome, Nia New"
    assert (invited.state, verbs()) == ("active", ["accepted the invitation"])
    assert gets_in(invited.email)
    assert len(mail.outbox) == Letter.objects.count() == 1  # no notice: there was none to change


def test_invited_twice_one_letter_has_a_link_for_each(client, invited, stranger):
    make.user(account=stranger.account, email=invited.email, password=None, email_confirmed_at=None)
    ask(client, invited.email)

    newest, oldest = links()
    choose(client, opened(client, newest))
    late = Client()
    response = choose(late, opened(late, oldest))

    assert "signs in on another account already" in read(response).one("main").text
    assert not User.objects.get(pk=invited.pk).email_confirmed_at
    assert gets_in(invited.email)


def test_typed_temporary_password_is_not_taken_as_one_s_own(client, invited):
    invited.set_password("typed by an admin")
    invited.password_expires_at = timezone.now() + dt.timedelta(hours=72)
    invited.save()
    page = opened(client, link_for(invited.email))

    response = choose(client, page, "typed by an admin")
    choose(client, page)

    assert "whoever gave you the temporary password knows it" in read(response).one("main").text
    invited.refresh_from_db()
    assert invited.password_expires_at is None
    assert gets_in(invited.email)


def test_link_signs_somebody_else_out(client, basic, admin):
    sign_in(client, admin)

    client.get(opened(client, link_for(basic.email)))

    assert client.get(HOME).status_code == 302


def test_page_behind_the_link_stays_in_no_cache(client, invited):
    response = client.get(opened(client, link_for(invited.email)))

    assert invited.name in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
