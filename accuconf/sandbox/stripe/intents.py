"""What payment intents and setup intents have in common."""

import urllib.parse

from . import payment_methods
from .answers import public
from .errors import invalid
from .state import METHOD_TYPES, random_name

WORDS = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def common_fields(world, given):
    """Return the fields that both kinds of intent begin with. Raises Refused."""
    if "allowed_payment_method_types" in given and "automatic_payment_methods" in given:
        raise invalid(
            "You may only specify one of these parameters: allowed_payment_method_types,"
            " automatic_payment_methods."
        )
    allowed = given.get("allowed_payment_method_types")
    _check_taken(world, allowed or [], "allowed_payment_method_types")
    _check_taken(world, given.get("payment_method_options", {}), "payment_method_options")
    automatic = {"allow_redirects": "always", "enabled": True}
    automatic |= given.get("automatic_payment_methods", {})
    return {
        "allowed_payment_method_types": allowed,
        "application": None,
        "automatic_payment_methods": None if allowed else automatic,
        "cancellation_reason": None,
        "customer": given.get("customer"),
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": None,
        "metadata": given.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": given.get("payment_method_options", {}),
        "payment_method_types": allowed or world.kinds,
        "status": "requires_payment_method",
    }


def _check_taken(world, kinds, param):
    """Refuse kinds of payment that this account at Stripe does not take."""
    for kind in kinds:
        if kind in METHOD_TYPES and kind not in world.kinds:
            raise invalid(f"The payment method type {kind} is not activated.", f"{param}[{kind}]")


def add(world, prefix, noun, **fields):
    """Keep a new intent, with the secret by which a browser may act on it."""
    intent = world.add(prefix, noun, **fields)
    intent["client_secret"] = random_name(f"{intent['id']}_secret_")
    return intent


def find(world, noun, call):
    """Return the intent that a call is about; a browser must show its secret. Raises Refused."""
    intent = world.find(noun, call.ident)
    if call.from_browser and call.given["client_secret"] != intent["client_secret"]:
        raise invalid(
            "The client_secret provided does not match the client_secret associated with the"
            f" {WORDS[noun]}.",
            "client_secret",
        )
    return intent


def check_return_url(intent, given, *, from_browser):
    """Refuse a server's confirmation that might send the customer away with no way back."""
    automatic = intent["automatic_payment_methods"] or {"allow_redirects": "never"}
    if from_browser or "return_url" in given or automatic["allow_redirects"] == "never":
        return
    raise invalid(
        f"This {WORDS[intent['object']]} is configured to accept payment methods enabled in your"
        " Dashboard. Because some of these payment methods might redirect your customer off of"
        " your page, you must provide a `return_url`. If you don't want to accept redirect-based"
        " payment methods, set `automatic_payment_methods[enabled]` to `true` and"
        " `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and"
        " Payment Intents."
    )


def chosen_method(world, intent, given):
    """Return the payment method to confirm with: given, typed, or on the intent. Raises Refused."""
    if data := given.get("payment_method_data"):
        method = payment_methods.make(world, data)
    elif ident := given.get("payment_method") or intent["payment_method"]:
        method = payment_methods.take(world, ident, "payment_method")
    else:
        raise unexpected_state(
            intent,
            f"You cannot confirm this {WORDS[intent['object']]} because it's missing a payment"
            " method. Please update it with a payment method and then confirm it again.",
        )
    payment_methods.check_usable(method)
    _check_fits(intent, method)
    return method


def _check_fits(intent, method):
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(
            f"The payment method type {method['type']} is not allowed on this"
            f" {WORDS[intent['object']]}.",
            "payment_method",
        )
    if method["customer"] and method["customer"] != intent["customer"]:
        raise invalid(
            f"The payment method {method['id']} belongs to the Customer {method['customer']}."
            " Please include the Customer in the `customer` parameter.",
            "payment_method",
        )


def check_status(intent, verb, *closed):
    """Refuse to `verb` an intent in one of the statuses `closed`."""
    status = intent["status"]
    if status not in closed:
        return
    reason = f"it has a status of {status}."
    if status == "succeeded" and verb == "confirm":
        reason = "it has already succeeded after being previously confirmed."
    words = WORDS[intent["object"]]
    raise unexpected_state(intent, f"You cannot {verb} this {words} because {reason}")


def unexpected_state(intent, message):
    """Answer that an intent is not where the call needs it, and show where it is."""
    noun = intent["object"]
    return invalid(message, code=f"{noun}_unexpected_state", **{noun: public(intent)})


def ask_for_authentication(world, intent, given):
    """Let the intent wait for its holder: by Stripe.js, or on the bank's page if there is a way."""
    intent["status"] = "requires_action"
    back = given.get("return_url")
    if not back or given.get("use_stripe_sdk"):
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    else:
        query = urllib.parse.urlencode({"intent": intent["id"], "return_url": back})
        url = f"{world.url}/challenge?{query}"
        action = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": back}}
    intent["next_action"] = action
