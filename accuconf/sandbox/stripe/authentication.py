"""The bank's question to a card's holder (3-D Secure), and what the answer leads to."""

from . import setup_intents
from .answers import public
from .confirming import confirm
from .errors import invalid
from .events import emit

MESSAGE = (
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again."
)


def authenticate(world, intent, *, success):
    """Take the holder's answer to a waiting intent, and return the intent.

    Raises Refused, also when the card is declined after all.
    """
    if intent["status"] != "requires_action":
        raise invalid("This intent does not wait for its holder.")
    method = world.get(intent["payment_method"])
    if not success:
        return _fail(world, intent, method)
    if intent["object"] == "setup_intent":
        return setup_intents.succeed(world, intent, method)
    return confirm(world, intent, {}, authenticated=True)


def _fail(world, intent, method):
    kind = intent["object"].removesuffix("_intent")
    error = {
        "type": "invalid_request_error",
        "code": f"{kind}_intent_authentication_failure",
        "message": MESSAGE,
        "payment_method": public(method),
    }
    intent.update(status="requires_payment_method", payment_method=None, next_action=None)
    intent[f"last_{kind}_error"] = error
    name = {"payment": "payment_failed", "setup": "setup_failed"}[kind]
    emit(world, f"{kind}_intent.{name}", intent)
    return intent
