"""Why banks return debits: which returns stay, and what their holder is told."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from billing.models import Attempt
from billing.models.payment import BANK_DEBIT

#: The only return that may end differently another time (R01, R09).
TOO_LITTLE_MONEY = "insufficient_funds"
_CLOSED = lazy("the account is closed.")
_NO_SUCH = lazy("there is no such account.")
_NOT_ALLOWED = lazy("the account does not allow our debits.")
_NO_DEBITS = lazy("the account cannot be debited.")
#: Both the error codes of a payment and the decline codes of the network.
#: https://docs.stripe.com/declines/network-codes
REASONS = {
    TOO_LITTLE_MONEY: lazy("the account held too little money."),
    "account_closed": _CLOSED,
    "bank_account_closed": _CLOSED,
    "no_account": _NO_SUCH,
    "account_number_invalid": _NO_SUCH,
    "bank_account_invalid_details": _NO_SUCH,
    "tokenized_account_number_deactivated": _NO_SUCH,
    "debit_not_authorized": _NOT_ALLOWED,
    "payment_intent_mandate_invalid": _NOT_ALLOWED,
    "bank_account_frozen": _NO_DEBITS,
    "bank_account_restricted": _NO_DEBITS,
    "bank_account_unusable": _NO_DEBITS,
    "payment_method_bank_account_blocked": _NO_DEBITS,
    "recipient_deceased": _NO_DEBITS,
}
FOR_GOOD = frozenset(REASONS) - {TOO_LITTLE_MONEY}


def in_words(attempt: Attempt) -> str:
    """Say why the bank returned the debit of `attempt`; empty for a card, whose bank tells us less.

    The sentence follows a colon.
    """
    if not attempt.charge_id.startswith(BANK_DEBIT):
        return ""
    codes = (attempt.decline_code, attempt.code)
    known = (str(REASONS[code]) for code in codes if code in REASONS)
    return next(known, _("it did not say why."))
