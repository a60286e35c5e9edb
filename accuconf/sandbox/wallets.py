"""The sample customers at Stripe: each that is charged, with its test card or bank account."""

import json
import os
from pathlib import Path

import stripe
from django.conf import settings

from accuconf.sandbox.stripe import Controls
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
#: Stripe's test bank account for the last four digits of a company's.
TEST_BANKS = {"6789": "pm_usBankAccount_success"}


def open_wallets(note: Path) -> dict[str, dict[str, str]]:
    """Return the ids at Stripe of who is charged, {number: {"customer": …, "payment_method": …}}.

    They are written down in `note`, so that a second start knows the same customers again.
    """
    if note.exists():
        return json.loads(note.read_text())
    client = _client()
    charged = [company for company in COMPANIES if company.card or company.bank]
    wallets = {company.number: _open(client, company) for company in charged}
    unfinished = note.with_suffix(".part")
    unfinished.write_text(json.dumps(wallets, indent=2))
    os.replace(unfinished, note)
    return wallets


def _open(client: stripe.StripeClient, company: Company) -> dict[str, str]:
    customer = client.v1.customers.create(
        {"name": company.name, "metadata": {"account": company.number}}
    ).id
    save = _save_bank_account if company.bank else _save_card
    return {"customer": customer, "payment_method": save(client, company, customer)}


def _save_card(client: stripe.StripeClient, company: Company, customer: str) -> str:
    token = TEST_CARDS.get(company.card[1], "pm_card_visa")
    return client.v1.payment_methods.attach(token, {"customer": customer}).id


def _save_bank_account(client: stripe.StripeClient, company: Company, customer: str) -> str:
    """Save it with the mandate that its debits need, as its holder would have."""
    setup = client.v1.setup_intents.create(
        {"customer": customer, "allowed_payment_method_types": ["us_bank_account"]}
    )
    accepted = {"customer_acceptance": {"type": "offline", "offline": {}}}
    chosen = {"payment_method": TEST_BANKS[company.bank[1]], "mandate_data": accepted}
    return client.v1.setup_intents.confirm(setup.id, chosen).payment_method


def answer_of_the_banks() -> None:
    """Let the debits of bank accounts that are under way at the stand-in end."""
    Controls(settings.STRIPE_API_BASE).settle()


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
