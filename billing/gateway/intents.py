"""PaymentIntents: the taking of one bill's amount due."""

from __future__ import annotations

from dataclasses import dataclass, field

import stripe

from billing.gateway.connection import Connection, GatewayRefused, GatewayUnavailable, id_of

#: A bank account is proved at its bank at once, or not taken: never by deposits that take days.
#: https://docs.stripe.com/payments/ach-direct-debit/set-up-payment
AT_ONCE = {"us_bank_account": {"verification_method": "instant"}}


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
    customer_id: str
    payment_method_id: str
    client_secret: str = field(repr=False)

    @property
    def is_confirmable(self) -> bool:
        return self.status in {"requires_payment_method", "requires_confirmation"}

    @property
    def has_failed(self) -> bool:
        """Whether its last confirmation was refused and it waits for another payment method."""
        return self.status == "requires_payment_method" and self.failure_code != ""


class Intents(Connection):
    """What is asked of PaymentIntents."""

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
            return self._create_intent(parameters | {"payment_method_options": AT_ONCE}, key)
        except GatewayRefused as refusal:
            # An operator who takes no bank accounts has nothing to say about them.
            if not refusal.param.startswith("payment_method_options"):
                raise
            return self._create_intent(parameters, f"{key}-cards")

    def _create_intent(self, parameters: dict[str, object], key: str) -> Intent:
        create = self._stripe.payment_intents.create
        return self._ask(_intent, create, parameters, {"idempotency_key": key})

    def retrieve_intent(self, intent_id: str) -> Intent:
        try:
            return self._intent(self._stripe.payment_intents.retrieve, intent_id)
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
            return self._intent(
                self._stripe.payment_intents.confirm,
                intent_id,
                parameters,
                {"idempotency_key": key},
            )
        except stripe.CardError:
            return self.retrieve_intent(intent_id)
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise GatewayRefused(error) from error
            return self.retrieve_intent(intent_id)

    def cancel_intent(self, intent_id: str) -> Intent:
        """Cancel the intent if it can be; return it as it then is (perhaps paid)."""
        try:
            return self._intent(self._stripe.payment_intents.cancel, intent_id)
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise GatewayUnavailable(str(error)) from error
            return self.retrieve_intent(intent_id)

    def _intent(self, method, *arguments) -> Intent:
        return _intent(self._answer(method, *arguments))


def _intent(payment_intent: stripe.PaymentIntent) -> Intent:
    error = payment_intent.last_payment_error
    charge = payment_intent.latest_charge
    return Intent(
        id=payment_intent.id,
        status=payment_intent.status,
        amount_cents=payment_intent.amount,
        received_cents=payment_intent.amount_received,
        charge_id=id_of(charge),
        failure_code=(getattr(error, "code", None) or "unknown") if error else "",
        decline_code=(getattr(error, "decline_code", None) or "") if error else "",
        customer_id=id_of(payment_intent.customer),
        payment_method_id=id_of(payment_intent.payment_method),
        client_secret=payment_intent.client_secret or "",
    )
