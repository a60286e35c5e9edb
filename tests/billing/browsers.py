"""What a customer's browser does at Stripe, past the portal."""

import stripe
from django.conf import settings


def client_of_stripe():
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE}
    ).v1


def confirm_payment(intent_id):
    """Type in a good card and pay by it."""
    client_of_stripe().payment_intents.confirm(
        intent_id, {"payment_method": "pm_card_visa", "return_url": "https://portal.example/"}
    )


def confirm_setup(setup_id, token):
    """Type in a card to be kept."""
    client_of_stripe().setup_intents.confirm(
        setup_id, {"payment_method": token, "return_url": "https://portal.example/"}
    )
