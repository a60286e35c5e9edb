"""Debits of bank accounts: begun at once, ended days later by the clock or by a test."""

from . import charges, mandates
from .answers import public
from .banks import bank_of
from .errors import invalid
from .events import emit

#: A debit takes up to four business days. docs.stripe.com/payments/ach-direct-debit
SETTLES_AFTER = 4 * 24 * 60 * 60
#: Why a debit may fail and its account still be debited later; all else ends the mandate.
FOR_NOW = {"insufficient_funds"}


def begin(world, intent, method, given):
    """Begin the debit of `intent`, and return the intent. Raises Refused without a mandate."""
    if not mandates.may_debit(world, method, given):
        intent["status"] = "requires_confirmation"
        raise invalid(mandates.NO_MANDATE, payment_intent=public(intent))
    charge = charges.add(world, intent, method, "pending")
    intent["status"] = "processing"
    emit(world, "charge.pending", charge)
    emit(world, "payment_intent.processing", intent)
    return intent


def settle_due(world):
    """End every debit whose days are over by the clock."""
    for intent in processing(world):
        begun_at = world.get(intent["latest_charge"])["created"]
        bank = bank_of(world.get(intent["payment_method"]))
        if bank.settles and world.now() >= begun_at + SETTLES_AFTER:
            settle(world, intent, bank.failure)


def processing(world):
    """Return the intents whose debit is under way, the first begun first."""
    intents = reversed(world.every("payment_intent"))
    return [intent for intent in intents if intent["status"] == "processing"]


def settle(world, intent, failure=None):
    """End a debit, for good or with a failure code, and return the intent."""
    method, charge = world.get(intent["payment_method"]), world.get(intent["latest_charge"])
    charges.settle(world, charge, failure)
    if failure:
        return _fail(world, intent, method, charge)
    intent.update(status="succeeded", amount_received=intent["amount"])
    emit(world, "charge.succeeded", charge)
    emit(world, "payment_intent.succeeded", intent)
    if reason := bank_of(method).dispute_reason:
        charges.open_dispute(world, charge, reason)
    return intent


def _fail(world, intent, method, charge):
    if charge["failure_code"] not in FOR_NOW:
        mandates.revoke(world, method)
    error = {
        "type": "card_error",
        "code": charge["failure_code"],
        "message": charge["failure_message"],
        "charge": charge["id"],
        "payment_method": public(method),
    }
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error)
    emit(world, "charge.failed", charge)
    emit(world, "payment_intent.payment_failed", intent)
    return intent
