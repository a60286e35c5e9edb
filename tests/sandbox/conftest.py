"""The Stripe stand-in and stripe-python's own client talking to it; no database is needed here."""

import contextlib
import functools
import http.client
import urllib.parse
from types import SimpleNamespace

import pytest
import stripe

from accuconf.sandbox.stripe import serve

SECRET_KEY, PUBLISHABLE_KEY = "sk_test_sandbox", "pk_test_sandbox"
AS_BROWSER = {"Authorization": f"Bearer {PUBLISHABLE_KEY}"}
#: What Stripe.js sends where the holder of a bank account agrees.
MANDATE = {"customer_acceptance": {"type": "online", "online": {
    "ip_address": "203.0.113.7", "user_agent": "a browser",
}}}  # fmt: skip
stripe.enable_telemetry = False


@pytest.fixture(scope="session")
def running_standin():
    with serve() as standin:
        yield standin


@pytest.fixture
def standin(running_standin):
    running_standin.reset()
    return running_standin


@pytest.fixture(scope="session")
def connected_to():
    """`with connected_to(url) as client` gives a client of the API for the thread that asks."""
    return _connected_to


@pytest.fixture
def connected(standin):
    """`with connected() as client` gives one of the stand-in."""
    return functools.partial(_connected_to, standin.url)


@contextlib.contextmanager
def _connected_to(url, key=SECRET_KEY, retries=0, timeout=10):
    http = stripe.RequestsClient(timeout=timeout)
    try:
        yield stripe.StripeClient(
            key, base_addresses={"api": url}, http_client=http, max_network_retries=retries
        ).v1
    finally:
        http.close()


@pytest.fixture
def client(connected):
    with connected() as client:
        yield client


@pytest.fixture
def browser(connected):
    """What a page can call: a client with the publishable key."""
    with connected(key=PUBLISHABLE_KEY) as client:
        yield client


@pytest.fixture
def customer(client):
    return client.customers.create({"name": "Acme", "email": "bills@acme.example"})


@pytest.fixture
def save_card(client, customer):
    """Save a test card for the customer and return the payment method's id."""

    def save(token="pm_card_visa"):
        return client.payment_methods.attach(token, {"customer": customer.id}).id

    return save


@pytest.fixture
def save_bank(client, customer):
    """Save a test bank account as Stripe's fields do, with its mandate; return its id."""

    def save(token="pm_usBankAccount_success"):
        setup = client.setup_intents.create({"customer": customer.id})
        done = {"payment_method": token, "mandate_data": MANDATE, "return_url": "https://x.example"}
        return client.setup_intents.confirm(setup.id, done).payment_method

    return save


@pytest.fixture
def new_payment(client, customer):
    """Make an unconfirmed payment intent of the customer."""

    def make(amount=12345, **more):
        return client.payment_intents.create(
            {
                "amount": amount,
                "currency": "usd",
                "customer": customer.id,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                **more,
            }
        )

    return make


@pytest.fixture
def pay(client):
    """Confirm a payment intent off session, as the bill run does."""

    def confirm(payment, card, key=None, **more):
        options = {"idempotency_key": key} if key else {}
        params = {"payment_method": card, "off_session": True, **more}
        return client.payment_intents.confirm(payment.id, params, options)

    return confirm


@pytest.fixture
def ask(standin):
    """Send a form as a browser does, and give status, headers and body."""

    def ask(method, path, form=None, headers=AS_BROWSER):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(standin.url).netloc)
        body = urllib.parse.urlencode(form or {})
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return SimpleNamespace(status=response.status, headers=response.headers, text=text)

    return ask
