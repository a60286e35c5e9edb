"""Customers as Stripe knows them, and the cards and bank accounts that it keeps for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import stripe

from billing.gateway.connection import Connection, GatewayRefused, id_of
from billing.gateway.intents import AT_ONCE

#: As much of a bank's name as is kept.
LONGEST_BANK_NAME = 100


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card or bank account that Stripe keeps; `kind` is what Stripe calls its type.

    `customer_id` is empty for one that nobody can be charged on.
    """

    payment_method_id: str
    customer_id: str
    kind: str
    last4: str
    brand: str = ""
    bank_name: str = ""
    expiry_month: int | None = None
    expiry_year: int | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """A SetupIntent as Stripe has it at this moment, with what it has saved, if anything.

    `account` is the number of the account that it was made for.
    """

    id: str
    client_secret: str = field(repr=False)
    status: str
    customer_id: str
    account: str
    card: SavedCard | None


class Cards(Connection):
    """What is asked of customers, their cards and bank accounts."""

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
        """Begin to save a card or bank account, to be charged later when its holder is not there.

        By confirming, the holder of a bank account gives the mandate that later debits need; Stripe
        keeps it. Only cards are offered where the operator takes no bank accounts at Stripe.
        Raises GatewayRefused.
        """
        parameters = {
            "customer": customer_id,
            "usage": "off_session",
            "metadata": {"account": account},
        }
        either = {"allowed_payment_method_types": list(_SHOWN), "payment_method_options": AT_ONCE}
        try:
            return self._create_setup(parameters | either)
        except GatewayRefused:
            return self._create_setup(parameters | {"allowed_payment_method_types": ["card"]})

    def _create_setup(self, parameters: dict[str, object]) -> Setup:
        return self._ask(_setup, self._stripe.setup_intents.create, parameters)

    def retrieve_setup(self, setup_id: str) -> Setup:
        """Raises GatewayRefused where there is none of that id."""
        parameters = {"expand": ["payment_method"]}
        return self._ask(_setup, self._stripe.setup_intents.retrieve, setup_id, parameters)

    def detach(self, payment_method_id: str) -> None:
        """Make Stripe forget what it saved, for good. Raises GatewayRefused where there is none."""
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
    if method.type not in _SHOWN:
        return None
    return SavedCard(
        payment_method_id=method.id,
        customer_id=id_of(method.customer),
        kind=method.type,
        **_SHOWN[method.type](method[method.type]),
    )


def _of_card(card: stripe.PaymentMethod.Card) -> dict[str, str | int]:
    return {
        "brand": card.brand,
        "last4": card.last4,
        "expiry_month": card.exp_month,
        "expiry_year": card.exp_year,
    }


def _of_bank(bank: stripe.PaymentMethod.UsBankAccount) -> dict[str, str]:
    return {"bank_name": (bank.bank_name or "")[:LONGEST_BANK_NAME], "last4": bank.last4 or ""}


#: What may be shown of each kind that can be charged.
_SHOWN = {"card": _of_card, "us_bank_account": _of_bank}
