"""Confirming a payment intent: which card is charged, and how that ends. Banks are in debits.py.

A payment intent succeeds once. Whatever is asked of it afterwards is refused and shows it as paid.
"""

from . import charges, debits, intents
from .answers import public
from .cards import decline, declined
from .errors import invalid
from .events import emit
from .payment_methods import card_of, has_expired


def confirm(world, intent, given, *, from_browser=False, authenticated=False):
    """Try to take the money of `intent`, as `given` says, and return the intent.

    `authenticated` says that the card's holder has just proved to be there.

    Raises Refused: when the card is declined, the intent keeps the failure too.
    """
    intents.check_status(intent, "confirm", "succeeded", "canceled", "processing")
    intents.check_return_url(intent, given, from_browser=from_browser or authenticated)
    method = intents.chosen_method(world, intent, given)
    _check_saved(intent, method, given)
    for name in ("setup_future_usage", "receipt_email"):
        intent[name] = given.get(name, intent[name])
    intent.update(payment_method=method["id"], last_payment_error=None, next_action=None)
    if method["type"] == "us_bank_account":
        return debits.begin(world, intent, method, given)
    if has_expired(world, method):
        raise fail(world, intent, method, "expired_card")
    if not authenticated and _needs_authentication(method, given):
        return _ask_holder(world, intent, method, given)
    if reason := _refusal(method):
        raise fail(world, intent, method, reason)
    return succeed(world, intent, method)


def fail(world, intent, method, decline_code):
    """Record that a card was declined, and return the Refused that says so."""
    charge = charges.add(world, intent, method, "failed", decline_code)
    emit(world, "charge.failed", charge)
    return _refuse(world, intent, method, decline_code, charge=charge["id"])


def succeed(world, intent, method):
    """Take the money."""
    charge = charges.add(world, intent, method, "succeeded")
    intent.update(status="succeeded", amount_received=intent["amount"])
    _save_or_use_up(world, intent, method)
    emit(world, "charge.succeeded", charge)
    emit(world, "payment_intent.succeeded", intent)
    if reason := card_of(method).dispute_reason:
        charges.open_dispute(world, charge, reason)
    return intent


def _check_saved(intent, method, given):
    if given.get("off_session") and intent["customer"] and not method["customer"]:
        raise invalid(
            "The provided PaymentMethod is not attached to the Customer. Off-session payments"
            " need a PaymentMethod that is.",
            "payment_method",
        )


def _needs_authentication(method, given):
    when = card_of(method).authentication
    if when == "until_set_up":
        return not method.get("_set_up")
    if when == "on_session":
        return not given.get("off_session")
    return when == "always"


def _ask_holder(world, intent, method, given):
    """Ask the card's holder, unless nobody is there to be asked."""
    if given.get("off_session"):
        raise fail(world, intent, method, "authentication_required")
    if given.get("error_on_requires_action"):
        raise _refuse(world, intent, method, "authentication_not_handled")
    intents.ask_for_authentication(world, intent, given)
    emit(world, "payment_intent.requires_action", intent)
    return intent


def _refusal(method):
    card = card_of(method)
    return method.get("_declined_for") or card.declined_for or card.refused_for


def _refuse(world, intent, method, decline_code, **details):
    shown = public(method)
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        last_payment_error=decline(decline_code, payment_method=shown, **details),
    )
    emit(world, "payment_intent.payment_failed", intent)
    return declined(decline_code, payment_intent=public(intent), payment_method=shown, **details)


def _save_or_use_up(world, intent, method):
    """Save the card for later if that was agreed; else it was good for this one payment."""
    if method["customer"]:
        return
    if intent["customer"] and intent["setup_future_usage"]:
        method.update(customer=intent["customer"], _set_up=True)
        emit(world, "payment_method.attached", method)
    else:
        method["_used_up"] = True
