"""What becomes of an open collection when the next bill comes."""

import pytest

from billing.gateway import GatewayUnavailable, gateway
from billing.services import ledger
from billing.services.carrying_over import carry_over, resume
from tests import make
from tests.billing.collected import NOW, again, states


def test_open_collection_is_carried_over_to_the_next_bill(collection, card_account, stripe_standin):
    make.stripe_card(card_account, token="pm_card_chargeCustomerFail")
    again(collection)

    assert carry_over(card_account, gateway=gateway(), now=NOW)
    following = make.issued(card_account, "2026-04", dollars=7)
    make.stripe_card(card_account)
    again(following.collection)

    assert states(collection)[0] == "superseded"
    assert stripe_standin.charges() == [1700]
    assert ledger.balance_cents(card_account) == 0


def test_collection_that_turns_out_paid_is_booked_before_the_next_bill(
    collection, card_account, stripe_standin
):
    stripe_standin.drop_next_answer("confirm", times=3)
    with pytest.raises(GatewayUnavailable):
        again(collection)

    assert carry_over(card_account, gateway=gateway(), now=NOW)
    following = make.issued(card_account, "2026-04", dollars=7)

    assert states(collection) == ["paid", "succeeded"]
    assert (following.paid_cents, following.amount_due_cents) == (1000, 700)
    assert stripe_standin.charges() == [1000]


def test_next_collection_waits_while_stripe_cannot_say(collection, card_account, stripe_standin):
    stripe_standin.drop_next_answer("confirm", times=3)
    with pytest.raises(GatewayUnavailable):
        again(collection)
    stripe_standin.fault("POST", "/cancel$", "drop_before", times=3)

    assert not carry_over(card_account, gateway=gateway(), now=NOW)
    following = make.issued(card_account, "2026-04", dollars=7).collection
    assert (following.state, following.amount_cents) == ("waiting", 1700)
    again(following)
    assert stripe_standin.charges() == [1000]  # by the lost confirmation, not by this one

    again(resume(following, gateway=gateway(), now=NOW))

    assert states(collection) == ["paid", "succeeded"]
    assert states(following) == ["paid", "succeeded"]
    assert stripe_standin.charges() == [1000, 700]
    assert ledger.balance_cents(card_account) == 0
