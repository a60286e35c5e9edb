"""Refunds at Stripe: given back once, whatever is lost; what fails there is credit again."""

import uuid

import pytest

from accounts.actors import Actor
from accounts.models import Letter
from billing.gateway import gateway
from billing.models import RefundRequest
from billing.services import events, ledger, refunds
from tests.billing.refunds.world import DAY, NOW, State, paid_by_card, returned, send


def test_lost_answer_gives_back_once(ask, stripe_standin):
    request = ask(20_000)
    stripe_standin.drop_next_answer("refund", times=5)
    assert send() == []
    request.refresh_from_db()
    assert request.state == State.APPROVED

    stripe_standin.clear_faults()
    send(NOW + DAY / 24)

    assert returned(stripe_standin) == [20_000]


def test_lost_answer_gives_back_once_after_stripe_forgot_the_key(ask, stripe_standin):
    request = ask(20_000)
    stripe_standin.drop_next_answer("refund", times=5)
    send()
    stripe_standin.clear_faults()
    stripe_standin.advance(2 * 24 * 3600)

    send(NOW + 2 * DAY)

    request.refresh_from_db()
    assert (request.state, returned(stripe_standin)) == (State.SUCCEEDED, [20_000])


def test_without_looking_first_a_forgotten_key_gives_back_twice(ask, stripe_standin, monkeypatch):
    """The control."""
    monkeypatch.setattr(refunds, "_done_already", lambda request, gateway: None)
    ask(20_000)
    stripe_standin.drop_next_answer("refund", times=5)
    send()
    stripe_standin.clear_faults()
    stripe_standin.advance(2 * 24 * 3600)

    send(NOW + 2 * DAY)

    assert returned(stripe_standin) == [20_000, 20_000]


def test_event_finishes_a_refund_of_which_the_answer_was_lost(ask, stripe_standin):
    request = ask(20_000)
    stripe_standin.drop_next_answer("refund", times=5)
    send()
    stripe_standin.clear_faults()
    (made,) = stripe_standin.objects("refund")

    for _ in range(2):
        events.take_note_of_refund(made["id"], gateway(), NOW)

    request.refresh_from_db()
    assert (request.state, request.refund_id) == (State.SUCCEEDED, made["id"])
    send(NOW + DAY)
    assert returned(stripe_standin) == [20_000]


@pytest.mark.parametrize("state", ["succeeded", "pending"])
def test_refund_that_fails_later_is_credit_again(account, payment, ask, stripe_standin, state):
    request = ask(20_000)
    send()
    RefundRequest.objects.filter(pk=request.pk).update(state=state)
    (made,) = stripe_standin.objects("refund")
    stripe_standin.finish_refund(made["id"], failure="expired_or_canceled_card")

    for _ in range(2):
        events.take_note_of_refund(made["id"], gateway(), NOW)

    request.refresh_from_db()
    assert (request.state, request.failure) == (State.FAILED, "expired_or_canceled_card")
    assert request.failed_entry.about == request.entry
    assert ledger.unapplied_cents(account) == 60_000
    assert Letter.objects.filter(kind="refund_failed").count() == 1
    assert refunds.refundable_cents(payment) == 60_000


def test_refund_on_its_way_is_asked_after_each_day(account, stripe_standin, staff):
    payment = paid_by_card(account, token="pm_card_pendingRefund")
    request = refunds.ask_refund(
        payment,
        amount_cents=100,
        reason="x",
        form_key=uuid.uuid4(),
        by=Actor(user=staff),
        now=NOW,
    )
    send()
    request.refresh_from_db()
    assert (request.state, send(NOW + DAY / 2)) == (State.PENDING, [])
    (made,) = stripe_standin.objects("refund")
    stripe_standin.finish_refund(made["id"])

    send(NOW + DAY)

    request.refresh_from_db()
    assert request.state == State.SUCCEEDED


def test_refund_that_stripe_refuses_is_credit_again(account, payment, ask, stripe_standin):
    request = ask(20_000)
    stripe_standin.dispute(payment.reference)

    send()

    request.refresh_from_db()
    assert (request.state, returned(stripe_standin)) == (State.FAILED, [])
    assert "charged back" in request.failure
    assert ledger.unapplied_cents(account) == 60_000
