"""Customers as Stripe knows them, and the cards that it keeps for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import stripe

from billing.gateway.connection import Connection, id_of


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that Stripe keeps; `customer_id` is empty for one that nobody can be charged on."""

    payment_method_id: str
    customer_id: str
    brand: str
    last4: str
    expiry_month: int
    expiry_year: int


@dataclass(frozen=True, slots=True)
class Setup:
    """A SetupIntent as Stripe has it at this moment, with the card that it has saved, if any.

    `account` is the number of the account that it was made for.
    """

    id: str
    client_secret: str = field(repr=False)
    status: str
    customer_id: str
    account: str
    card: SavedCard | None


class Cards(Connection):
    """What is asked of customers and their cards."""

    def create_customer(self, *, account: str, name: str) -> str:
        """Make the customer of the account of that number; asked again, the same one within a day.

        Raises GatewayRefused.
        """
        parameters = {"name": name, "metadata": {"account": account}}
        key = f"customer-{account}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        return self._ask(
            lambda customer: customer.id,
            self._stripe.customers.create,
            parameters,
            {"idempotency_key": key},
        )

    def create_setup(self, *, customer_id: str, account: str) -> Setup:
        """Begin to save a card, to be charged later when its holder is not there.

        Raises GatewayRefused.
        """
        parameters = {
            "customer": customer_id,
            "usage": "off_session",
            "allowed_payment_method_types": ["card"],
            "metadata": {"account": account},
        }
        return self._ask(_setup, self._stripe.setup_intents.create, parameters)

    def retrieve_setup(self, setup_id: str) -> Setup:
        """Raises GatewayRefused where there is none of that id."""
        parameters = {"expand": ["payment_method"]}
        return self._ask(_setup, self._stripe.setup_intents.retrieve, setup_id, parameters)

    def detach(self, payment_method_id: str) -> None:
        """Make Stripe forget a saved card for good. Raises GatewayRefused where there is none."""
        self._ask(bool, self._stripe.payment_methods.detach, payment_method_id)


def _setup(setup_intent: stripe.SetupIntent) -> Setup:
    metadata, method = setup_intent.metadata, setup_intent.payment_method
    return Setup(
        id=setup_intent.id,
        client_secret=setup_intent.client_secret,
        status=setup_intent.status,
        customer_id=id_of(setup_intent.customer),
        account=metadata["account"] if "account" in metadata else "",  # noqa: SIM401 (no dict)
        card=_saved_card(method) if isinstance(method, stripe.PaymentMethod) else None,
    )


def _saved_card(method: stripe.PaymentMethod) -> SavedCard | None:
    if method.type != "card":
        return None
    return SavedCard(
        payment_method_id=method.id,
        customer_id=id_of(method.customer),
        brand=method.card.brand,
        last4=method.card.last4,
        expiry_month=method.card.exp_month,
        expiry_year=method.card.exp_year,
    )
