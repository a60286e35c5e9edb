"""Asking for another e-mail address: which, by whom, how often, and what is refused."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from tests.pages import read, sign_in
from tests.users.email_changes import ASK, NEW, OLD, ask, letters
from tests.users.factors import sign_in_and_confirm
from users.models import EmailChange


def test_an_address_that_signs_in_elsewhere_gets_the_same_answer(
    client, other_client, basic, scheduler, stranger, django_assert_num_queries
):
    sign_in_and_confirm(client, basic)
    sign_in_and_confirm(other_client, scheduler)

    with django_assert_num_queries(24):
        known = client.post(ASK, {"email": stranger.email}, follow=True)
    with django_assert_num_queries(24):
        unknown = other_client.post(ASK, {"email": "nobody@nowhere.example"}, follow=True)

    told = [read(answer).one("div", role="status").text for answer in (known, unknown)]
    assert told[0] == told[1] == "We have written to both addresses. Please open both letters."


def test_owner_of_a_taken_address_is_told_and_gets_no_link(client, basic, stranger):
    ask(client, basic, stranger.email)

    letter = letters()[stranger.email]

    assert letter.subject == "Somebody wanted to use your e-mail address"
    assert "/agree/" not in letter.body
    assert "Ben" not in letter.body


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (OLD.upper(), "You sign in with this address already."),
        ("no address", "Enter a valid email address."),
        ("", "This field is required."),
    ],
)
def test_bad_input_gets_a_sentence_and_is_kept(client, basic, typed, sentence):
    response = ask(client, basic, typed)

    assert sentence in read(response).text
    assert read(response).one("input", name="email").attributes.get("value", "") == typed
    assert not EmailChange.objects.exists()


def test_asking_needs_to_be_confirmed(client, basic):
    sign_in(client, basic)

    response = client.post(ASK, {"email": NEW})

    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailChange.objects.exists()


@time_machine.travel(dt.datetime(2026, 11, 22, 12, 5, tzinfo=dt.UTC))
def test_five_wishes_an_hour_are_enough(client, basic):
    sign_in_and_confirm(client, basic)
    for number in range(5):
        client.post(ASK, {"email": f"n{number}@elsewhere.example"})

    response = client.post(ASK, {"email": NEW})

    assert "Wait an hour" in read(response).text
    assert EmailChange.objects.get().new_email == "n4@elsewhere.example"
