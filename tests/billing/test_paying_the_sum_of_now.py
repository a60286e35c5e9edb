"""A Pay page asks for the sum before it pays: what is owed may have changed since it was opened."""

import datetime as dt

import pytest
import stripe
from django.test import Client
from django.urls import reverse

from billing.links import pay_link
from billing.services import ledger
from tests import make
from tests.billing.browsers import confirm_payment
from tests.pages import read, sign_in

NOW = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def bill(account, stripe_standin):
    return make.issued(account, "2026-03", dollars=25)


@pytest.fixture(params=["signed in", "by link"])
def visit(request, client, admin, bill):
    """Send a wish to the page of paying, as either visitor does."""
    if request.param == "by link":
        client, address = Client(), pay_link(bill).removeprefix("http://localhost:8000")
    else:
        sign_in(client, admin)
        address = reverse("billing:bill_pay", args=[bill.number])
    return lambda wish, **more: client.post(address, {"card": wish} | more)


def secret_now(visit):
    return visit("ask").json()["secret"]


def opened(visit):
    return visit("new").context["intent"]


def test_while_nothing_changes_the_page_pays_by_what_it_has_open(visit, stripe_standin):
    intent = opened(visit)

    assert secret_now(visit) == secret_now(visit) == intent.client_secret
    assert len(stripe_standin.objects("payment_intent")) == 1


@pytest.mark.parametrize("cents", [1000, 2500])
def test_what_a_check_has_paid_meanwhile_can_no_longer_be_taken(
    visit, account, stripe_standin, cents
):
    intent = opened(visit)
    make.check(account, check_number="1", amount_cents=cents, now=NOW)

    assert secret_now(visit) != intent.client_secret

    with pytest.raises(stripe.InvalidRequestError, match="canceled"):
        confirm_payment(intent.id)
    assert stripe_standin.charges() == []


def test_page_opened_anew_says_that_the_sum_has_changed(visit, account):
    opened(visit)
    make.check(account, check_number="1", amount_cents=1000, now=NOW)

    page = visit("new", shown="2500")

    assert "What is owed has changed since you opened this page." in read(page).text
    assert "Pay $15.00" in read(page).text
    confirm_payment(page.context["intent"].id)
    visit("confirmed")
    assert ledger.balance_cents(account) == 0


@pytest.mark.parametrize("more", [{}, {"shown": "2500"}])
def test_page_of_the_same_sum_says_nothing_of_a_change(visit, more):
    assert "has changed" not in read(visit("new", **more)).text


def test_all_paid_meanwhile_leaves_nothing_to_ask_for(visit, account):
    opened(visit)
    make.check(account, check_number="1", amount_cents=2500, now=NOW)

    assert secret_now(visit) == ""
    assert visit("new").status_code == 302


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("pm_card_visa", "The bill is paid. Thank you."),
        ("pm_usBankAccount_success", "Your payment is on its way"),
    ],
)
def test_paid_in_another_tab_is_said_to_who_would_pay_again(client, admin, bill, token, words):
    sign_in(client, admin)
    address = reverse("billing:bill_pay", args=[bill.number])
    intent = client.post(address, {"card": "new"}).context["intent"]
    confirm_payment(intent.id, token)
    client.post(address, {"card": "confirmed"}, follow=True)

    again = client.post(address, {"card": "new"}, follow=True)

    assert client.post(address, {"card": "ask"}).json() == {"secret": ""}
    assert words in read(again).text


def test_all_paid_by_a_check_is_said_to_who_would_pay_again(client, admin, account, bill):
    sign_in(client, admin)
    make.check(account, check_number="1", amount_cents=2500, now=NOW)

    address = reverse("billing:bill_pay", args=[bill.number])
    page = client.post(address, {"card": "new"}, follow=True)

    assert "Nothing is left to be paid by this bill." in read(page).text


def test_silent_processor_answers_no_secret(visit, stripe_standin):
    opened(visit)
    stripe_standin.fault("GET", "/v1/payment_intents", "status", 9, status=503)

    answer = visit("ask")

    assert (answer.status_code, answer.json()) == (503, {"secret": ""})
