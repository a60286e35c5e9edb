"""What a customer's browser does at Stripe, past the portal."""

import stripe
from django.conf import settings


def client_of_stripe():
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE}
    ).v1


def confirm_payment(intent_id, token="pm_card_visa"):
    """Type in a card or bank account and pay by it."""
    client_of_stripe().payment_intents.confirm(intent_id, _typed_in(token))


def confirm_setup(setup_id, token):
    """Type in a card or bank account to be kept."""
    client_of_stripe().setup_intents.confirm(setup_id, _typed_in(token))


def _typed_in(token):
    """Return what Stripe's fields send; whose bank account it is agrees to be debited by that."""
    typed = {"payment_method": token, "return_url": "https://portal.example/"}
    agreed = {"customer_acceptance": {"type": "offline", "offline": {}}}
    return typed | ({"mandate_data": agreed} if token.startswith("pm_usBankAccount_") else {})
