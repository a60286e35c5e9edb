"""Cards saved at the stand-in as Stripe's own fields save them."""

import pytest
import stripe
from django.conf import settings


@pytest.fixture
def client_of_stripe(stripe_standin):
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses={"api": stripe_standin.url},
        http_client=stripe.RequestsClient(timeout=10),
    ).v1


@pytest.fixture
def save(client_of_stripe):
    """Do what Stripe's fields do in a browser: confirm a SetupIntent, by a test card's token."""

    def save(setup, token="pm_card_visa"):
        client_of_stripe.setup_intents.confirm(
            setup.id, {"payment_method": token, "return_url": "https://portal.example/"}
        )
        return setup.id

    return save
