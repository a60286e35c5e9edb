"""The sample customers at Stripe: each card account becomes a customer there with its test card."""

import json
import os
from pathlib import Path

import stripe
from django.conf import settings

from accuconf.sandbox.world.companies import COMPANIES, Company
from billing.models import StoredCard

#: Stripe's test card for the last four digits of a company's card.
TEST_CARDS = {
    "4242": "pm_card_visa",
    "5556": "pm_card_visa_debit",
    "4444": "pm_card_mastercard",
    "0005": "pm_card_amex",
    "0341": "pm_card_chargeCustomerFail",
}


def open_wallets(note: Path) -> dict[str, dict[str, str]]:
    """Return each card account's ids at Stripe, {number: {"customer": …, "payment_method": …}}.

    They are written down in `note`, so that a second start knows the same customers again.
    """
    if note.exists():
        return json.loads(note.read_text())
    client = _client()
    wallets = {company.number: _open(client, company) for company in COMPANIES if company.card}
    unfinished = note.with_suffix(".part")
    unfinished.write_text(json.dumps(wallets, indent=2))
    os.replace(unfinished, note)
    return wallets


def _open(client: stripe.StripeClient, company: Company) -> dict[str, str]:
    _, last4 = company.card
    customer = client.v1.customers.create(
        {"name": company.name, "metadata": {"account": company.number}}
    )
    method = client.v1.payment_methods.attach(
        TEST_CARDS.get(last4, "pm_card_visa"), {"customer": customer.id}
    )
    return {"customer": customer.id, "payment_method": method.id}


def swap_card(company: Company, last4: str) -> None:
    """Have the company pay with another of the TEST_CARDS from now on."""
    card = StoredCard.objects.get(account__number=company.number)
    if card.last4 == last4:
        return
    method = _client().v1.payment_methods.attach(TEST_CARDS[last4], {"customer": card.customer_id})
    card.payment_method_id, card.brand, card.last4 = method.id, method.card.brand, last4
    card.save()


def _client() -> stripe.StripeClient:
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses={"api": settings.STRIPE_API_BASE},
        http_client=stripe.RequestsClient(timeout=30),
        max_network_retries=2,
    )
