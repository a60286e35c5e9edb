"""Refunds and disputes: money that goes back, and the balance that tells of it."""

import pytest
import stripe


@pytest.fixture
def charge(new_payment, save_card, pay):
    """Charge a test card and return the charge's id."""

    def make(token="pm_card_visa", amount=10000):
        return pay(new_payment(amount), save_card(token)).latest_charge

    return make


def test_charge_is_refunded_in_parts_and_never_beyond(client, charge):
    paid = charge()
    client.refunds.create({"charge": paid, "amount": 4000})

    with pytest.raises(stripe.InvalidRequestError) as too_much:
        client.refunds.create({"charge": paid, "amount": 6001})
    client.refunds.create({"charge": paid})
    with pytest.raises(stripe.InvalidRequestError) as again:
        client.refunds.create({"charge": paid})

    refunded = client.charges.retrieve(paid)
    assert (refunded.amount_refunded, refunded.refunded) == (10000, True)
    assert too_much.value.param == "amount"
    assert again.value.code == "charge_already_refunded"


def test_lost_answer_to_a_refund_is_given_again_under_its_key(standin, client, charge):
    params = {"charge": charge(), "amount": 4000}
    standin.drop_next_answer("refund")
    with pytest.raises(stripe.APIConnectionError):
        client.refunds.create(params, {"idempotency_key": "refund-1"})

    refund = client.refunds.create(params, {"idempotency_key": "refund-1"})

    assert [made["id"] for made in standin.objects("refund")] == [refund.id]


def test_refund_may_fail_later(client, charge):
    paid = charge("pm_card_refundFail")

    refund = client.refunds.create({"charge": paid})

    later = client.refunds.retrieve(refund.id)
    assert later.status == "failed"
    assert later.failure_reason == "expired_or_canceled_card"
    assert client.charges.retrieve(paid).amount_refunded == 0


def test_pending_refund_arrives_when_told(standin, client, charge):
    refund = client.refunds.create({"charge": charge("pm_card_pendingRefund")})

    standin.finish_refund(refund.id)

    assert refund.status == "pending"
    assert client.refunds.retrieve(refund.id).status == "succeeded"


def test_disputed_charge_cannot_be_refunded_until_won(standin, client, charge):
    paid = charge("pm_card_createDispute")
    dispute = client.disputes.list({"charge": paid}).data[0]

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.refunds.create({"charge": paid})
    standin.close_dispute(dispute.id, "won")

    assert refused.value.code == "charge_disputed"
    assert client.refunds.create({"charge": paid}).status == "succeeded"


def test_balance_tells_what_every_movement_left(standin, client, charge):
    client.refunds.create({"charge": charge(), "amount": 1000})
    standin.dispute(charge(amount=5000))

    entries = client.balance_transactions.list().data

    kinds = [(entry.type, entry.amount, entry.fee) for entry in reversed(entries)]
    assert kinds == [
        ("charge", 10000, 320),
        ("refund", -1000, 0),
        ("charge", 5000, 175),
        ("adjustment", -5000, 0),
    ]
