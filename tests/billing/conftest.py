"""What bills are tested with: cards at the stand-in, days and folders, a world to be killed in."""

import datetime as dt

import pytest
import stripe
import time_machine
from django.conf import settings

from accounts.models import Terms
from billing import pdf
from billing.models import Tax
from tests import make
from tests.billing.killed_paths.world import SECRET


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


@pytest.fixture
def charged_bill(plan):
    """The June bill of a check payer: two fees, a surcharge, a tax, and a late fee for April."""
    account = make.account(plan=plan, terms=Terms.CHECK, activated_on=dt.date(2026, 4, 1))
    make.fee(plan=plan, name="Monthly service", amount_cents=1995)
    make.fee(plan=plan, name="Line rental", amount_cents=1000, starts_on=dt.date(2026, 6, 12))
    make.tax(name="Regulatory recovery", kind=Tax.Kind.SURCHARGE, percent="6.3250")
    make.tax(name="Sales tax, MA", percent="6.25")
    make.late_fee(percent="1.5")
    for month in ("2026-04", "2026-05"):
        make.issued(account, month, dollars=10)
    return make.issued(account, "2026-06", dollars=10)


@pytest.fixture
def quick_world(quick_retries, monkeypatch, settings, tmp_path):
    """Print what is quicker printed than a document, and know the stand-in's signature."""
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(pdf, "render", lambda issued: f"%PDF {issued.label}\n".encode() * 100)


@pytest.fixture
def april_10():
    """Let it be the 10th of April 2026, noon in New York, all the while."""
    with time_machine.travel(dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def files(settings, tmp_path):
    """The folder in which bills are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def card_account(account, stripe_standin):
    """An account with a good card, known to the stand-in."""
    make.stripe_card(account)
    return account


@pytest.fixture
def collection(card_account):
    """The collection of a $10.00 bill."""
    return make.issued(card_account, "2026-03", dollars=10).collection
