"""Refunds: by the way the money came, within credit and charge, once; above a limit by two."""

import uuid

import pytest

from accounts.actors import Actor
from accounts.models import AuditEntry, Letter
from billing.gateway import gateway
from billing.models import JournalEntry
from billing.services import deciding, events, ledger, refunds
from tests import make
from tests.billing.refunds.world import NOW, State, returned, send


def test_refund_goes_back_to_the_card_and_spends_the_credit(account, ask, stripe_standin):
    request = ask(20_000)

    send()

    request.refresh_from_db()
    assert request.state == State.SUCCEEDED
    assert returned(stripe_standin) == [20_000]
    assert ledger.unapplied_cents(account) == 40_000
    assert ledger.balance_cents(account) == -40_000
    assert {side.book: side.amount_cents for side in request.entry.postings.all()} == {
        "receivable": 20_000,
        "card_clearing": -20_000,
    }
    assert Letter.objects.filter(kind="refund_sent").count() == 1


@pytest.mark.parametrize("cents", [60_001, 0, -5])
def test_no_more_than_the_credit_goes_back(ask, cents):
    with pytest.raises(refunds.NotRefundable):
        ask(cents)


def test_no_more_than_the_payment_goes_back(account, payment, ask):
    make.check(account, check_number="1", amount_cents=100_000, now=NOW)
    ask(45_000)

    assert refunds.refundable_cents(payment) == 55_000


def test_asking_twice_by_one_form_asks_once(ask, stripe_standin):
    key = uuid.uuid4()

    assert ask(100, form_key=key) == ask(100, form_key=key)
    send()
    send()
    assert returned(stripe_standin) == [100]


def test_above_the_limit_a_second_person_allows_it(account, ask, staff, second, stripe_standin):
    request = ask(50_001)

    assert (request.state, send(), returned(stripe_standin)) == (State.ASKED, [], [])
    assert ledger.unapplied_cents(account) == 60_000
    with pytest.raises(deciding.SamePerson):
        refunds.approve_refund(request, by=Actor(user=staff), now=NOW)
    refunds.approve_refund(request, by=Actor(user=second), now=NOW)
    with pytest.raises(deciding.DecidedAlready):
        refunds.approve_refund(request, by=Actor(user=second), now=NOW)
    send()

    assert returned(stripe_standin) == [50_001]
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["issued", "asked for", "allowed"]


def test_limit_is_not_passed_in_slices(ask):
    first, second = ask(30_000), ask(20_001)

    assert (first.state, second.state) == (State.APPROVED, State.ASKED)


def test_what_waits_for_a_second_person_cannot_be_asked_for_again(payment, ask):
    ask(50_001)

    assert refunds.refundable_cents(payment) == 9_999


def test_declined_refund_gives_nothing_back(payment, ask, second, stripe_standin):
    request = refunds.decline_refund(ask(50_001), by=Actor(user=second), now=NOW)

    assert (request.state, send(), returned(stripe_standin)) == (State.DECLINED, [], [])
    assert refunds.refundable_cents(payment) == 60_000


def test_credit_that_is_gone_meanwhile_is_not_refunded(account, ask, second):
    request = ask(50_001)
    make.issued(account, "2026-04", dollars=200)

    with pytest.raises(refunds.NotRefundable):
        refunds.approve_refund(request, by=Actor(user=second), now=NOW)


def test_disputed_charge_is_not_refunded(payment, ask, stripe_standin):
    dispute = stripe_standin.dispute(payment.reference)
    events.take_note_of_dispute(dispute["id"], gateway(), NOW)

    assert refunds.refundable_cents(payment) == 0


def test_check_is_given_back_by_a_check(account, payment, ask, stripe_standin):
    check = make.check(account, check_number="1", amount_cents=5_000, now=NOW)

    request = ask(5_000, of=check, check_number="884")

    assert (request.state, send(), returned(stripe_standin)) == (State.SUCCEEDED, [], [])
    assert {side.book for side in request.entry.postings.all()} == {"receivable", "bank"}


def test_bounced_check_is_not_refunded(account, payment):
    check = make.check(account, check_number="1", amount_cents=5_000, now=NOW)
    ledger.take_back(check, kind=JournalEntry.Kind.BOUNCED, reference="bounced:1", now=NOW)

    assert refunds.refundable_cents(check) == 0
