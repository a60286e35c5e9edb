"""Builders of test rows: keyword-only with plain defaults; a test names what matters."""

from tests.make.bills import check, credit_note, frozen_bill, issued
from tests.make.calls import add_legs, bridge, conference, dial_in_number, pin, recording, session
from tests.make.cards import bank_account, card, stripe_bank, stripe_card
from tests.make.people import PASSWORD, account, rights, single_sign_on, user
from tests.make.prices import fee, late_fee, rate_plan, tax

__all__ = [
    "PASSWORD",
    "account",
    "add_legs",
    "bank_account",
    "bridge",
    "card",
    "check",
    "conference",
    "credit_note",
    "dial_in_number",
    "fee",
    "frozen_bill",
    "issued",
    "late_fee",
    "pin",
    "rate_plan",
    "recording",
    "rights",
    "session",
    "single_sign_on",
    "stripe_bank",
    "stripe_card",
    "tax",
    "user",
]
