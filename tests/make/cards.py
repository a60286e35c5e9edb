"""Cards and bank accounts, with the stand-in or without."""

from billing.models import (
    Payer,
    StoredCard,
)
from tests.billing.browsers import client_of_stripe, confirm_setup


def card(*, account, customer_id="cus_test", payment_method_id="pm_card_visa", **fields):
    defaults = {"brand": "visa", "last4": "4242", "expiry_month": 12, "expiry_year": 2034}
    return StoredCard.objects.create(
        account=account,
        customer_id=customer_id,
        payment_method_id=payment_method_id,
        **{**defaults, **fields},
    )


def bank_account(*, account, customer_id="cus_test", payment_method_id="pm_bank", **fields):
    defaults = {"kind": "us_bank_account", "last4": "6789", "bank_name": "STRIPE TEST BANK"}
    return StoredCard.objects.create(
        account=account,
        customer_id=customer_id,
        payment_method_id=payment_method_id,
        **{**defaults, **fields},
    )


def stripe_card(account, *, token="pm_card_visa"):
    """Save a card at the stand-in and put it on the account's file."""
    stripe_client = client_of_stripe()
    customer = _customer_at_stripe(stripe_client, account)
    saved = stripe_client.payment_methods.attach(token, {"customer": customer})
    return _on_file(
        account,
        saved,
        brand=saved.card.brand,
        last4=saved.card.last4,
        expiry_month=saved.card.exp_month,
        expiry_year=saved.card.exp_year,
    )


def stripe_bank(account, *, token="pm_usBankAccount_success"):
    """Save a bank account at the stand-in, with its mandate, and put it on the account's file."""
    stripe_client = client_of_stripe()
    customer = _customer_at_stripe(stripe_client, account)
    setup = stripe_client.setup_intents.create({"customer": customer})
    confirm_setup(setup.id, token)
    setup = stripe_client.setup_intents.retrieve(setup.id, {"expand": ["payment_method"]})
    bank = setup.payment_method.us_bank_account
    return _on_file(
        account, setup.payment_method, kind="us_bank_account", bank_name=bank.bank_name,
        last4=bank.last4,
    )  # fmt: skip


def _customer_at_stripe(stripe_client, account):
    for kept in (StoredCard, Payer):
        if known := kept.objects.filter(account=account).first():
            return known.customer_id
    return stripe_client.customers.create({"name": account.name}).id


def _on_file(account, saved, **shown):
    nothing = {"kind": "card", "brand": "", "bank_name": "", "expiry_month": None}
    ids = {"customer_id": saved.customer, "payment_method_id": saved.id, "expiry_year": None}
    card, _ = StoredCard.objects.update_or_create(account=account, defaults=nothing | ids | shown)
    return card
