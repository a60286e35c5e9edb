"""What Stripe tells is checked, kept once and worked later: forged, repeated, late or unordered."""

import datetime as dt
import json

import pytest
import stripe
from django.test import Client

from billing.gateway import gateway
from billing.models import Attempt, Collection, JournalEntry, StripeEvent
from billing.services import collect, events
from tests import make

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=2)
SECRET = "whsec_newest"
URL = "/stripe/webhook/"


@pytest.fixture(autouse=True)
def secrets(settings):
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET, "whsec_old"]


@pytest.fixture
def collection(account, stripe_standin):
    make.stripe_card(account)
    bill = make.issued(account, "2026-03", dollars=25)
    return Collection.objects.get(bill=bill)


def told(kind="payment_intent.succeeded", thing="pi_1", *, name="evt_1", secret=SECRET, body=None):
    if body is None:
        body = json.dumps({"id": name, "type": kind, "data": {"object": {"id": thing}}})
    header = stripe.WebhookSignature.generate_signature_header(body, secret)
    return Client().post(
        URL, body, content_type="application/json", headers={"Stripe-Signature": header}
    )


def work(now=NOW):
    return list(events.work_events(gateway=gateway(), now=now))


@pytest.mark.parametrize("secret", [SECRET, "whsec_old"])
def test_event_signed_by_either_secret_is_kept(db, secret):
    assert told(secret=secret).status_code == 200
    assert StripeEvent.objects.get().object_id == "pi_1"


def test_event_that_comes_again_is_kept_once(db):
    assert [told().status_code for _ in range(3)] == [200, 200, 200]
    assert StripeEvent.objects.count() == 1


def test_kind_that_nobody_works_is_not_kept(db):
    assert told("customer.created", "cus_1").status_code == 200
    assert StripeEvent.objects.count() == 0


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: told(secret="whsec_forged"),
        lambda: Client().post(URL, "{}", content_type="application/json"),
        lambda: Client().post(
            URL, "{}", content_type="application/json", headers={"Stripe-Signature": "t=1,v1=0"}
        ),
        lambda: told(body="no json"),
        lambda: told(body="[]"),
        lambda: told(body='{"id": "evt_1", "type": "payment_intent.succeeded", "data": []}'),
        lambda: told(body='{"id": "evt_1"}'),
    ],
)
def test_what_is_not_an_event_of_stripe_is_refused(db, request_of):
    assert request_of().status_code == 400
    assert StripeEvent.objects.count() == 0


def test_old_message_is_refused(db):
    body = json.dumps({"id": "evt_1", "type": "x", "data": {"object": {"id": "pi_1"}}})
    header = stripe.WebhookSignature.generate_signature_header(
        body, SECRET, timestamp=1_700_000_000
    )

    response = Client().post(
        URL, body, content_type="application/json", headers={"Stripe-Signature": header}
    )

    assert response.status_code == 400


def test_nobody_reads_there(db):
    assert Client().get(URL).status_code == 405


def charge_and_lose_the_answer(collection, stripe_standin):
    """Take the money, of which only Stripe then knows."""
    stripe_standin.drop_next_answer("confirm", times=5)
    with pytest.raises(collect.GatewayUnavailable):
        collect.collect(collection, gateway=gateway(), now=NOW)
    collection.refresh_from_db()


@pytest.mark.django_db
def test_event_books_a_charge_of_which_the_answer_was_lost(collection, stripe_standin):
    charge_and_lose_the_answer(collection, stripe_standin)

    for number in range(3):
        told(thing=collection.intent_id, name=f"evt_{number}")
        told("payment_intent.payment_failed", collection.intent_id, name=f"late_{number}")
    work(LATER)

    collection.refresh_from_db()
    assert collection.state == Collection.State.PAID
    assert Attempt.objects.get().state == Attempt.State.SUCCEEDED
    assert JournalEntry.objects.payments().count() == 1
    assert StripeEvent.objects.waiting().count() == 0


@pytest.mark.django_db
def test_event_waits_while_stripe_does_not_answer(collection, stripe_standin):
    charge_and_lose_the_answer(collection, stripe_standin)
    told(thing=collection.intent_id)
    stripe_standin.fault("GET", "/v1/payment_intents", "drop_before", times=10)

    assert work() == []

    waiting = StripeEvent.objects.waiting().get()
    assert waiting.tries == 1
    assert waiting.last_error != ""
    stripe_standin.clear_faults()
    assert [event.id for event in work(LATER)] == ["evt_1"]


@pytest.mark.django_db
def test_event_about_another_shops_payment_is_left(db, stripe_standin):
    told(thing="pi_not_ours")

    work()

    assert StripeEvent.objects.get().worked_at == NOW
