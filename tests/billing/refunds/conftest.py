"""A payment by card of which some is credit, who asks for a refund, and who allows it."""

import uuid

import pytest

from accounts.actors import Actor
from billing.services import refunds
from tests import make
from tests.billing.refunds.world import NOW, paid_by_card


@pytest.fixture
def payment(account, admin, stripe_standin):
    """A bill of $1,000.00, paid by card; $600.00 of it were given back as credit."""
    return paid_by_card(account)


@pytest.fixture
def second(db):
    return make.user(email="second@meridian.example", name="Zoe Second", is_superuser=True)


@pytest.fixture
def ask(payment, staff):
    def ask(cents, *, form_key=None, of=payment, **more):
        return refunds.ask_refund(
            of,
            amount_cents=cents,
            reason="They asked.",
            form_key=form_key or uuid.uuid4(),
            by=Actor(user=staff),
            now=NOW,
            **more,
        )

    return ask
