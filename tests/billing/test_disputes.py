"""Disputes: what a bank takes back is owed again; the card is left alone until it is decided."""

import datetime as dt

import pytest
from django.core import mail

from accounts.services.letters import send_due_letters
from billing.gateway import gateway
from billing.models import Collection, Dispute, JournalEntry
from billing.services import collect, events, ledger, sweep
from billing.services.paying import payable_cents
from tests import make

NOW = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def payment(account, stripe_standin):
    make.stripe_card(account)
    bill = make.issued(account, "2026-03", dollars=25)
    collect.collect(Collection.objects.get(bill=bill), gateway=gateway(), now=NOW)
    return JournalEntry.objects.payments().get()


@pytest.fixture
def dispute(payment, stripe_standin):
    return stripe_standin.dispute(payment.reference)["id"]


def note(dispute, *, times=2):
    for _ in range(times):
        events.take_note_of_dispute(dispute, gateway(), NOW)


def unpaid(account):
    return [bill.unpaid_cents for bill in account.bills.with_unpaid().order_by("number")]


def test_disputed_payment_is_owed_again(account, payment, dispute):
    note(dispute)

    kept = Dispute.objects.get()
    assert unpaid(account) == [2500]
    assert (kept.payment, kept.account, kept.is_open) == (payment, account, True)
    assert (kept.withdrawn_entry.kind, kept.withdrawn_entry.about) == ("dispute", payment)
    assert kept.answer_by is not None


@pytest.mark.parametrize("is_told_between", [True, False])
def test_dispute_that_is_won_pays_again(account, dispute, stripe_standin, is_told_between):
    if is_told_between:
        note(dispute)
    stripe_standin.close_dispute(dispute, "won")

    note(dispute)

    assert unpaid(account) == [0]
    assert ledger.balance_cents(account) == 0
    kinds = JournalEntry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["bill", "payment", "dispute", "dispute_won"]
    assert not Dispute.objects.get().is_open


def test_dispute_that_is_lost_stays_owed(account, dispute, stripe_standin):
    stripe_standin.close_dispute(dispute, "lost")

    note(dispute)

    assert ledger.balance_cents(account) == 2500
    assert not Dispute.objects.open().exists()


def test_card_is_not_charged_while_a_dispute_is_open(account, dispute, stripe_standin):
    make.issued(account, "2026-04", dollars=5)
    note(dispute)

    list(sweep.collect_due(gateway=gateway(), now=NOW))
    assert stripe_standin.charges() == [2500]

    stripe_standin.close_dispute(dispute, "won")
    note(dispute)
    list(sweep.collect_due(gateway=gateway(), now=NOW))
    assert stripe_standin.charges() == [2500, 500]


def test_payment_that_was_taken_back_is_on_the_next_bill(account, dispute):
    note(dispute)

    assert payable_cents(account.bills.get()) == 0
    assert make.issued(account, "2026-04", dollars=5).amount_due_cents == 3000


def test_part_of_a_payment_that_is_disputed_is_owed_again(account, payment):
    ledger.take_back(
        payment,
        kind=JournalEntry.Kind.DISPUTE,
        reference="dp_part",
        amount_cents=1000,
        now=NOW,
    )

    assert unpaid(account) == [1000]
    assert ledger.balance_cents(account) == 1000


def test_operator_is_told_by_when_to_answer(account, dispute, settings, stripe_standin):
    note(dispute)
    stripe_standin.close_dispute(dispute, "lost")
    note(dispute)

    list(send_due_letters(now=NOW))

    told = [letter for letter in mail.outbox if "Dispute of" in letter.subject]
    assert [letter.to for letter in told] == [[settings.OPERATOR_EMAIL]] * 2
    assert account.name in told[0].subject


def test_dispute_about_another_shops_charge_is_left(db, stripe_standin, account, client_of_stripe):
    card = make.stripe_card(account)
    intent = client_of_stripe.payment_intents.create(
        {
            "amount": 900,
            "currency": "usd",
            "customer": card.customer_id,
            "payment_method": card.payment_method_id,
            "confirm": True,
            "off_session": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )

    note(stripe_standin.dispute(intent.latest_charge)["id"])

    assert not Dispute.objects.exists()
