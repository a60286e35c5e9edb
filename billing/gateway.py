"""The door to Stripe, and the only file that imports its library.

With sandbox keys the same code talks to the stand-in. Amounts are whole cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import stripe
from django.conf import settings

stripe.enable_telemetry = False

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


class Gateway:
    """One connection to Stripe. Every method raises GatewayUnavailable where Stripe is unclear."""

    def __init__(self, secret_key: str, base: str) -> None:
        self._http = stripe.RequestsClient(timeout=TIMEOUT)
        self._intents = stripe.StripeClient(
            secret_key,
            base_addresses={"api": base},
            max_network_retries=NETWORK_RETRIES,
            http_client=self._http,
        ).v1.payment_intents

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

    def close(self) -> None:
        self._http.close()

    def _ask(self, method, *arguments) -> Intent:
        try:
            return _intent(method(*arguments))
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
        charge_id=charge if isinstance(charge, str) else (charge.id if charge else ""),
        failure_code=(getattr(error, "code", None) or "unknown") if error else "",
        decline_code=(getattr(error, "decline_code", None) or "") if error else "",
    )
