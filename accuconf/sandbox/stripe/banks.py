"""Stripe's published test bank accounts, and how a debit of each ends days later.

Source: docs.stripe.com/payments/ach-direct-debit/accept-a-payment, test account numbers.
"""

from dataclasses import dataclass

from .errors import invalid

ROUTING_NUMBER = "110000000"


@dataclass(frozen=True)
class Bank:
    """One test account: `failure` is why its debits fail, if they do; `settles`: that they end."""

    number: str
    token: str
    failure: str | None = None
    dispute_reason: str | None = None
    settles: bool = True


BANKS = {
    bank.number: bank
    for bank in [
        Bank("000123456789", "success"),
        Bank("000111111113", "accountClosed", failure="account_closed"),
        Bank("000111111116", "noAccount", failure="no_account"),
        Bank("000222222227", "insufficientFunds", failure="insufficient_funds"),
        Bank("000333333335", "debitNotAuthorized", failure="debit_not_authorized"),
        Bank("000555555559", "dispute", dispute_reason="debit_not_authorized"),
        Bank("000000000009", "processing", settles=False),
    ]
}
#: Test payment methods: each use makes a new payment method with this account.
BANK_TOKENS = {f"pm_usBankAccount_{bank.token}": bank.number for bank in BANKS.values()}

MESSAGES = {
    "account_closed": "The customer's bank account has been closed.",
    "debit_not_authorized": "The customer has notified their bank that this was unauthorized.",
    "insufficient_funds": "The customer's account has insufficient funds to cover this payment.",
    "no_account": "The customer's bank account could not be located.",
}


def message_for(failure):
    """Say why a debit failed."""
    return MESSAGES.get(failure, "The customer's bank refused the debit.")


def bank_of(method):
    """Return the test account behind a payment method, or None for a card."""
    return BANKS[method["_number"]] if method["type"] == "us_bank_account" else None


def check_number(number):
    """Refuse every bank account that is not Stripe's own. Raises Refused."""
    if number not in BANKS:
        raise invalid("The stand-in knows Stripe's test bank accounts only.", "us_bank_account")
