"""The Stripe stand-in, one for the whole run and empty for each test that asks for it."""

import pytest
from stripe import HTTPClient

from accuconf.sandbox import stripe
from billing.gateway import gateway


@pytest.fixture(scope="session")
def _running_standin():
    with stripe.serve() as standin:
        yield standin


@pytest.fixture
def stripe_standin(_running_standin, settings):
    """The stand-in, with the portal's settings pointing at it."""
    _running_standin.reset()
    settings.STRIPE_API_BASE = _running_standin.url
    settings.STRIPE_JS_URL = f"{_running_standin.url}/endive/stripe.js"
    yield _running_standin
    gateway().close()


@pytest.fixture
def quick_retries(monkeypatch):
    """Let Stripe's library ask again at once where it got no answer."""
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(HTTPClient, "MAX_DELAY", 0)
