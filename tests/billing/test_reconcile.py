"""Stripe's books beside ours: what differs is shown once, and nothing changes by itself."""

import datetime as dt

import pytest

from billing.gateway import Charge, GatewayUnavailable, gateway
from billing.gateway.lists import Lists
from billing.models import Book, Collection, Difference, Dispute, JournalEntry
from billing.services import collect, ledger
from billing.services.reconcile import reconcile
from tests import make


@pytest.fixture(autouse=True)
def _quickly(quick_retries):
    """Lose answers without waiting."""


@pytest.fixture
def charged(account, stripe_standin):
    """A charge taken and booked just now, as the stand-in's clock goes."""
    now = dt.datetime.now(dt.UTC)
    make.stripe_card(account)
    make.issued(account, "2026-03", dollars=25)
    collect.collect(Collection.objects.get(), gateway=gateway(), now=now)
    return JournalEntry.objects.payments().get()


def compare(hours=6):
    return reconcile(gateway=gateway(), now=dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours))


def differences():
    return list(Difference.objects.values_list("kind", "theirs_cents", "ours_cents"))


def test_books_that_agree_show_nothing(charged):
    assert compare() == []


def test_charge_that_is_not_booked_is_shown_once(account, stripe_standin):
    card = make.stripe_card(account)
    intents = gateway()
    intent = intents.create_intent(
        amount_cents=700, currency="USD", customer_id=card.customer_id, bill="x", generation=1
    )
    intents.confirm_intent(intent.id, payment_method_id=card.payment_method_id, attempt=1)

    compare()
    compare()

    assert differences() == [("not_booked", 700, None)]
    assert ledger.balance_cents(account) == 0


def test_charge_that_was_never_made_is_shown(charged, account):
    ledger.book_payment(
        account,
        reference="ch_invented",
        amount_cents=5,
        into=Book.CARD_CLEARING,
        now=dt.datetime.now(dt.UTC),
    )

    compare()

    assert differences() == [("not_taken", None, 5)]


def test_charge_that_was_booked_days_later_is_none(account, stripe_standin):
    make.stripe_card(account)
    make.issued(account, "2026-03", dollars=25)
    stripe_standin.drop_next_answer("confirm", times=3)
    begun = dt.datetime.now(dt.UTC)
    with pytest.raises(GatewayUnavailable):
        collect.collect(Collection.objects.get(), gateway=gateway(), now=begun)
    days_later = begun + dt.timedelta(days=4)
    stripe_standin.advance(4 * 24 * 3600)
    collect.collect(Collection.objects.get(), gateway=gateway(), now=days_later)

    assert reconcile(gateway=gateway(), now=days_later + dt.timedelta(hours=6)) == []


def test_charge_booked_with_another_amount_is_shown(charged, monkeypatch):
    theirs = Charge(
        id=charged.reference,
        amount_cents=2400,
        refunded_cents=0,
        is_disputed=False,
        created_at=charged.booked_at,
    )
    monkeypatch.setattr(Lists, "succeeded_charges", lambda self, since: iter([theirs]))

    compare()

    assert differences() == [("other_amount", 2400, 2500)]


def test_what_happened_just_now_is_left_for_the_next_night(charged, account):
    ledger.book_payment(
        account,
        reference="ch_invented",
        amount_cents=5,
        into=Book.CARD_CLEARING,
        now=dt.datetime.now(dt.UTC),
    )

    assert compare(hours=0) == []


def test_check_is_not_looked_for_at_stripe(charged, account):
    make.check(account, check_number="1", amount_cents=5, now=dt.datetime.now(dt.UTC))

    assert compare() == []


def test_refund_made_at_stripe_itself_is_shown_once(charged, client_of_stripe):
    client_of_stripe.refunds.create({"charge": charged.reference, "amount": 700})

    compare()
    compare()

    assert differences() == [("not_asked", 700, None)]


def test_dispute_whose_events_were_lost_is_caught_up_with(charged, account, stripe_standin):
    stripe_standin.dispute(charged.reference)

    for _ in range(2):
        assert compare() == []

    assert Dispute.objects.get().account == account
    assert ledger.balance_cents(account) == 2500
