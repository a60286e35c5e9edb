"""Asking for a link to choose a password: one answer for every address, letters only for some."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Letter
from accounts.services.letters import send_due_letters
from tests.pages import complaints
from users.models import User

ASK = reverse("account_reset_password")


def ask(client, email):
    return client.post(ASK, {"email": email}, follow=True)


def test_known_and_unknown_address_get_the_same_answer_and_the_same_work(
    client, basic, django_assert_num_queries
):
    answers = []
    for email in (basic.email, "nobody@aurora.example"):
        with django_assert_num_queries(1):  # the letter's row
            answers.append(ask(client, email).content)

    assert answers[0] == answers[1]


def test_unknown_address_gets_no_letter(client, db):
    ask(client, "nobody@nowhere.example")

    (letter,) = send_due_letters(now=timezone.now())
    assert (letter.state, mail.outbox) == (Letter.State.REFUSED, [])


def test_disabled_person_gets_no_letter(client, basic):
    User.objects.filter(pk=basic.pk).update(is_active=False)
    ask(client, basic.email)

    list(send_due_letters(now=timezone.now()))

    assert mail.outbox == []


def test_asking_again_at_once_brings_no_second_letter(client, basic):
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)) as clock:
        for _ in range(3):
            ask(client, basic.email)
        clock.shift(dt.timedelta(minutes=5))
        ask(client, basic.email)

    assert Letter.objects.count() == 2


def test_strangers_cannot_keep_an_owner_from_asking(basic):
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(25):
        last = stranger.post(ASK, {"email": basic.email})

    answer = Client(REMOTE_ADDR="192.0.2.7").post(ASK, {"email": basic.email})

    assert (last.status_code, answer.status_code) == (429, 302)


@pytest.mark.parametrize(
    "labels",
    [["x" * 60] * 5, ["\u0130" * 30] * 4],
    ids=["too long", "too long in small letters"],
)
def test_address_that_no_letter_can_go_to_gets_a_sentence(client, db, labels):
    response = ask(client, f"a@{'.'.join(labels)}.example.com")

    assert response.status_code == 200
    assert len(complaints(response)) == 1
