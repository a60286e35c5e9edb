"""Collecting by card: each bill's money is taken at most once, and the books say so."""

import datetime as dt

import pytest
from django.db import IntegrityError

from billing.gateway import Gateway, GatewayUnavailable, gateway
from billing.models import Attempt, Collection, JournalEntry
from billing.services import ledger
from billing.services.collect import apply_intent, new_attempt
from tests import make
from tests.billing.collected import NOW, again, states

DAY = dt.timedelta(days=1)


def test_card_is_charged_the_amount_due_and_the_payment_booked(
    collection, card_account, stripe_standin
):
    again(collection)

    assert stripe_standin.charges() == [1000]
    assert states(collection) == ["paid", "succeeded"]
    assert ledger.balance_cents(card_account) == 0
    assert JournalEntry.objects.payments().count() == 1


def test_collecting_again_takes_nothing_more(collection, stripe_standin):
    again(collection)
    again(collection)

    assert stripe_standin.charges() == [1000]


@pytest.mark.parametrize("lost", ["create", "confirm"])
def test_lost_answers_never_charge_twice(collection, stripe_standin, lost):
    stripe_standin.drop_next_answer(lost, times=3)
    with pytest.raises(GatewayUnavailable):
        again(collection)
    assert states(collection) == ["open", "unknown"]

    again(collection)

    assert stripe_standin.charges() == [1000]
    assert states(collection) == ["paid", "succeeded"]


def test_lost_answer_is_found_even_when_stripe_has_forgotten_the_key(collection, stripe_standin):
    stripe_standin.drop_next_answer("confirm", times=3)
    with pytest.raises(GatewayUnavailable):
        again(collection)
    stripe_standin.advance(25 * 60 * 60)

    again(collection, now=NOW + DAY)

    assert stripe_standin.charges() == [1000]
    assert states(collection) == ["paid", "succeeded"]


@pytest.mark.parametrize("action", ["status", "status_after"])
def test_server_error_before_or_after_the_charge_never_charges_twice(
    collection, stripe_standin, action
):
    stripe_standin.fault("POST", "/confirm$", action, times=3, status=500)
    with pytest.raises(GatewayUnavailable):
        again(collection)
    stripe_standin.advance(25 * 60 * 60)

    again(collection, now=NOW + DAY)

    assert stripe_standin.charges() == [1000]
    assert states(collection) == ["paid", "succeeded"]


def test_declined_card_is_written_down_and_not_tried_again(
    collection, card_account, stripe_standin
):
    make.stripe_card(card_account, token="pm_card_chargeCustomerFail")

    again(collection)
    again(collection)

    assert stripe_standin.charges() == []
    assert states(collection) == ["declined", "declined"]
    assert collection.attempts.get().decline_code == "generic_decline"
    assert ledger.balance_cents(card_account) == 1000


def test_lost_decline_is_adopted_and_the_card_not_tried_again(
    collection, card_account, stripe_standin
):
    make.stripe_card(card_account, token="pm_card_chargeCustomerFail")
    stripe_standin.drop_next_answer("confirm", times=3)
    with pytest.raises(GatewayUnavailable):
        again(collection)
    stripe_standin.advance(25 * 60 * 60)

    again(collection, now=NOW + DAY)

    confirms = [call for call in stripe_standin.calls() if call["path"].endswith("/confirm")]
    assert len({call["idempotency_key"] for call in confirms}) == 1
    assert states(collection) == ["declined", "declined"]


def test_bank_that_asks_for_authentication_is_a_state_of_its_own(
    collection, card_account, stripe_standin
):
    make.stripe_card(card_account, token="pm_card_authenticationRequired")

    again(collection)

    assert states(collection) == ["action_required", "action_required"]


def test_customer_unknown_to_stripe_is_left_to_staff(collection, card_account):
    card_account.card.customer_id = "cus_nobody"
    card_account.card.save()

    again(collection)

    assert states(collection) == ["declined", "declined"]
    assert collection.attempts.get().code == "resource_missing"


def test_account_without_a_card_waits(collection, card_account, stripe_standin):
    card_account.card.delete()

    again(collection)

    assert states(collection) == ["open"]
    assert stripe_standin.charges() == []


def test_bill_paid_by_check_meanwhile_is_not_charged(collection, card_account, stripe_standin):
    make.check(card_account, check_number="1", amount_cents=1000, now=NOW)

    again(collection)

    assert stripe_standin.charges() == []
    assert states(collection) == ["settled"]


def test_bill_paid_in_part_is_charged_for_the_rest(collection, card_account, stripe_standin):
    make.check(card_account, check_number="1", amount_cents=300, now=NOW)

    again(collection)

    assert stripe_standin.charges() == [700]
    assert ledger.balance_cents(card_account) == 0


def test_check_that_comes_before_a_lost_request_is_repeated_is_not_charged_too(
    collection, card_account, stripe_standin
):
    stripe_standin.fault("POST", "/confirm$", "drop_before", times=3)
    with pytest.raises(GatewayUnavailable):
        again(collection)
    make.check(card_account, check_number="1", amount_cents=300, now=NOW)

    again(collection)

    assert stripe_standin.charges() == [700]
    assert states(collection) == ["paid", "cancelled", "succeeded"]
    assert ledger.balance_cents(card_account) == 0


def test_amount_that_changes_while_the_intent_is_made_is_not_charged_by_the_old_one(
    collection, card_account, stripe_standin, monkeypatch
):
    make_intent = Gateway.create_intent

    def make_it_late(gateway, **intent):
        made = make_intent(gateway, **intent)
        make.check(card_account, check_number="1", amount_cents=300, now=NOW)
        Collection.objects.update(amount_cents=700)  # as a customer's page does meanwhile
        monkeypatch.undo()
        return made

    monkeypatch.setattr(Gateway, "create_intent", make_it_late)
    again(collection)
    again(collection)

    assert stripe_standin.charges() == [700]
    assert ledger.balance_cents(card_account) == 0


def test_refusal_of_an_earlier_attempt_is_not_taken_for_that_of_a_new_one(
    collection, card_account, stripe_standin
):
    stripe_standin.decline(card_account.card.payment_method_id, "insufficient_funds")
    again(collection)
    stripe_standin.decline(card_account.card.payment_method_id, None)
    collection.refresh_from_db()
    refused = gateway().retrieve_intent(collection.intent_id)
    Collection.objects.update(state="open")  # as by a customer's press of Pay
    new_attempt(collection, **card_of(card_account), started_at=NOW)

    apply_intent(collection, refused, now=NOW)  # a late event

    assert states(collection) == ["open", "declined", "started"]
    again(collection)
    assert states(collection) == ["paid", "declined", "succeeded"]
    assert stripe_standin.charges() == [1000]


def card_of(account):
    card = account.card
    return {"customer_id": card.customer_id, "payment_method_id": card.payment_method_id}


def test_check_payers_and_tiny_amounts_are_not_collected(account, stranger):
    account.terms = "check"
    account.save()
    of_check_payer = make.issued(account, "2026-03", dollars=10)
    of_nothing = make.issued(stranger.account, "2026-03", dollars=0)

    assert not hasattr(of_check_payer, "collection")
    assert not hasattr(of_nothing, "collection")


def test_cancelled_intent_is_followed_by_one_of_the_next_generation(collection, stripe_standin):
    stripe_standin.fault("POST", "/confirm$", "drop_before", times=3)
    with pytest.raises(GatewayUnavailable):
        again(collection)
    collection.refresh_from_db()
    gateway().cancel_intent(collection.intent_id)

    again(collection)
    again(collection)

    assert states(collection) == ["paid", "cancelled", "succeeded"]
    assert collection.generation == 2
    assert stripe_standin.charges() == [1000]


@pytest.mark.parametrize("state", ["started", "unknown", "processing", "succeeded"])
def test_database_refuses_a_second_live_or_successful_attempt(collection, state):
    Attempt.objects.create(collection=collection, number=1, state=state, started_at=NOW)

    with pytest.raises(IntegrityError):
        Attempt.objects.create(collection=collection, number=2, state=state, started_at=NOW)


def test_every_state_is_either_open_or_closed():
    closed = {"paid", "superseded", "settled"}

    assert set(Collection.OPEN_STATES) == set(Collection.State.values) - closed
