"""The door to Stripe, and the only file that imports its library.

With sandbox keys the same code talks to the stand-in. Amounts are whole cents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import stripe
from django.conf import settings

stripe.enable_telemetry = False

Answer = TypeVar("Answer")

#: Seconds to connect and to answer; times the tries below it stays under a task's time limit.
TIMEOUT = (5, 30)
NETWORK_RETRIES = 2


class GatewayUnavailable(Exception):
    """Stripe gave no clear answer: what was asked may or may not have happened."""


class GatewayRefused(Exception):
    """Stripe would not do it, and nothing happened; `code` says why."""

    def __init__(self, error: stripe.StripeError) -> None:
        super().__init__(str(error))
        self.code = error.code or type(error).__name__


@dataclass(frozen=True, slots=True)
class Intent:
    """A PaymentIntent as Stripe has it at this moment."""

    id: str
    status: str
    amount_cents: int
    received_cents: int
    charge_id: str
    failure_code: str
    decline_code: str

    @property
    def is_confirmable(self) -> bool:
        return self.status in {"requires_payment_method", "requires_confirmation"}

    @property
    def has_failed(self) -> bool:
        """Whether its last confirmation was refused and it waits for another payment method."""
        return self.status == "requires_payment_method" and self.failure_code != ""


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


class Gateway:
    """One connection to Stripe. Every method raises GatewayUnavailable where Stripe is unclear."""

    def __init__(self, secret_key: str, base: str) -> None:
        self._http = stripe.RequestsClient(timeout=TIMEOUT)
        self._stripe = stripe.StripeClient(
            secret_key,
            base_addresses={"api": base},
            max_network_retries=NETWORK_RETRIES,
            http_client=self._http,
        ).v1
        self._intents = self._stripe.payment_intents

    def create_intent(
        self, *, amount_cents: int, currency: str, customer_id: str, bill: str, generation: int
    ) -> Intent:
        """Create, unconfirmed, the PaymentIntent of a bill; it moves no money yet.

        Raises GatewayRefused.
        """
        parameters = {
            "amount": amount_cents,
            "currency": currency.lower(),
            "customer": customer_id,
            "metadata": {"bill": bill, "generation": str(generation)},
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
        # Another amount or customer is another request, which an old key would refuse; the first
        # intent, if it was made, is never confirmed.
        key = f"bill-{bill}-intent-{generation}-{customer_id}-{amount_cents}"
        try:
            return self._ask(self._intents.create, parameters, {"idempotency_key": key})
        except stripe.InvalidRequestError as error:
            raise GatewayRefused(error) from error

    def retrieve_intent(self, intent_id: str) -> Intent:
        try:
            return self._ask(self._intents.retrieve, intent_id)
        except stripe.InvalidRequestError as error:
            raise GatewayUnavailable(str(error)) from error

    def confirm_intent(self, intent_id: str, *, payment_method_id: str, attempt: int) -> Intent:
        """Charge the payment method, off session; return the intent as it then is.

        A declined card and an intent that somebody else has confirmed or cancelled meanwhile are
        answers too: the intent returned tells. `attempt` makes the idempotency key a new one for
        each attempt, since Stripe replays the first answer to a key, declines included.

        Raises GatewayRefused.
        """
        parameters = {"payment_method": payment_method_id, "off_session": True}
        key = f"{intent_id}-try-{attempt}"
        try:
            return self._ask(self._intents.confirm, intent_id, parameters, {"idempotency_key": key})
        except stripe.CardError:
            return self.retrieve_intent(intent_id)
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise GatewayRefused(error) from error
            return self.retrieve_intent(intent_id)

    def cancel_intent(self, intent_id: str) -> Intent:
        """Cancel the intent if it can be; return it as it then is (perhaps paid)."""
        try:
            return self._ask(self._intents.cancel, intent_id)
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise GatewayUnavailable(str(error)) from error
            return self.retrieve_intent(intent_id)

    def create_customer(self, *, account: str, name: str) -> str:
        """Make the customer of the account of that number; asked again, the same one within a day.

        Raises GatewayRefused.
        """
        parameters = {"name": name, "metadata": {"account": account}}
        key = f"customer-{account}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        return self._ask_plainly(
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
        return self._ask_plainly(_setup, self._stripe.setup_intents.create, parameters)

    def retrieve_setup(self, setup_id: str) -> Setup:
        """Raises GatewayRefused where there is none of that id."""
        parameters = {"expand": ["payment_method"]}
        return self._ask_plainly(_setup, self._stripe.setup_intents.retrieve, setup_id, parameters)

    def detach(self, payment_method_id: str) -> None:
        """Make Stripe forget a saved card for good. Raises GatewayRefused where there is none."""
        self._ask_plainly(bool, self._stripe.payment_methods.detach, payment_method_id)

    def close(self) -> None:
        self._http.close()

    def _ask_plainly(self, read: Callable[..., Answer], method, *arguments) -> Answer:
        """Ask what has no answers beside yes and no. Raises GatewayRefused."""
        try:
            return read(self._answer(method, *arguments))
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            raise GatewayRefused(error) from error

    def _ask(self, method, *arguments) -> Intent:
        return _intent(self._answer(method, *arguments))

    def _answer(self, method, *arguments):
        try:
            return method(*arguments)
        except (stripe.CardError, stripe.InvalidRequestError):
            raise
        except stripe.StripeError as error:
            raise GatewayUnavailable(f"{type(error).__name__}: {error}") from error


@lru_cache(maxsize=4)
def _connected(secret_key: str, base: str) -> Gateway:
    return Gateway(secret_key, base)


def gateway() -> Gateway:
    """Return this process's connection, as the settings say."""
    return _connected(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def _intent(payment_intent: stripe.PaymentIntent) -> Intent:
    error = payment_intent.last_payment_error
    charge = payment_intent.latest_charge
    return Intent(
        id=payment_intent.id,
        status=payment_intent.status,
        amount_cents=payment_intent.amount,
        received_cents=payment_intent.amount_received,
        charge_id=_id_of(charge),
        failure_code=(getattr(error, "code", None) or "unknown") if error else "",
        decline_code=(getattr(error, "decline_code", None) or "") if error else "",
    )


def _setup(setup_intent: stripe.SetupIntent) -> Setup:
    metadata, method = setup_intent.metadata, setup_intent.payment_method
    return Setup(
        id=setup_intent.id,
        client_secret=setup_intent.client_secret,
        status=setup_intent.status,
        customer_id=_id_of(setup_intent.customer),
        account=metadata["account"] if "account" in metadata else "",  # noqa: SIM401 (no dict)
        card=_saved_card(method) if isinstance(method, stripe.PaymentMethod) else None,
    )


def _saved_card(method: stripe.PaymentMethod) -> SavedCard | None:
    if method.type != "card":
        return None
    return SavedCard(
        payment_method_id=method.id,
        customer_id=_id_of(method.customer),
        brand=method.card.brand,
        last4=method.card.last4,
        expiry_month=method.card.exp_month,
        expiry_year=method.card.exp_year,
    )


def _id_of(reference: object) -> str:
    """Return the id of what Stripe names by its id or, expanded, whole; empty for nothing."""
    return getattr(reference, "id", reference) or ""
