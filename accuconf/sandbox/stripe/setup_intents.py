"""Setup intents: saving a card or bank account for payments to come, without taking money."""

from . import intents, mandates, payment_methods
from .answers import page, public
from .cards import decline, declined
from .changes import change
from .customers import find_customer
from .events import emit
from .routes import PAGING, Route
from .schema import BrowserConfirm, BrowserRetrieve

NOUN = "setup_intent"


def create(world, call):
    """Add a setup intent, and confirm it at once if asked to."""
    given = call.given
    if given.get("customer"):
        find_customer(world, given["customer"], "customer")
    fields = intents.common_fields(world, given) | {
        "last_setup_error": None,
        "latest_attempt": None,
        "mandate": None,
        "single_use_mandate": None,
        "usage": given.get("usage", "off_session"),
    }
    intent = intents.add(world, "seti_", NOUN, **fields)
    emit(world, "setup_intent.created", intent)
    if method := given.get("payment_method"):
        _choose(world, intent, method)
    return confirm(world, intent, given) if given.get("confirm") else intent


def retrieve(world, call):
    """Show a setup intent."""
    return intents.find(world, NOUN, call)


def update(world, call):
    """Change a setup intent that is not over."""
    intent, given = intents.find(world, NOUN, call), dict(call.given)
    intents.check_status(intent, "update", "succeeded", "canceled")
    if method := given.pop("payment_method", None):
        _choose(world, intent, method)
    change(intent, given)
    return intent


def confirm_intent(world, call):
    """Save the payment method, now or once the bank has been asked."""
    intent = intents.find(world, NOUN, call)
    return confirm(world, intent, call.given, from_browser=call.from_browser)


def cancel(world, call):
    """Give up saving."""
    intent = intents.find(world, NOUN, call)
    intents.check_status(intent, "cancel", "succeeded", "canceled", "processing")
    reason = call.given.get("cancellation_reason")
    intent.update(status="canceled", cancellation_reason=reason, next_action=None)
    emit(world, "setup_intent.canceled", intent)
    return intent


def list_intents(world, call):
    """List the setup intents, newest first."""
    return page(call, world.every(NOUN), "customer", "payment_method")


def confirm(world, intent, given, *, from_browser=False):
    """Try to save the payment method, and return the intent. Raises Refused."""
    intents.check_status(intent, "confirm", "succeeded", "canceled")
    intents.check_return_url(intent, given, from_browser=from_browser)
    method = intents.chosen_method(world, intent, given)
    intent.update(payment_method=method["id"], last_setup_error=None, next_action=None)
    if method["type"] == "us_bank_account":
        intent["mandate"] = mandates.check_setup(world, method, given)["id"]
    card = payment_methods.card_of(method)
    if card and card.refused_for:
        raise _fail(world, intent, method, card.refused_for)
    if card and card.authentication in ("always", "until_set_up"):
        intents.ask_for_authentication(world, intent, given)
        emit(world, "setup_intent.requires_action", intent)
        return intent
    return succeed(world, intent, method)


def succeed(world, intent, method):
    """Save the payment method for the customer."""
    method["_set_up"] = True
    if method["type"] == "card":
        method["card"]["checks"]["cvc_check"] = "pass"
    if intent["customer"]:
        payment_methods.attach(world, method, intent["customer"])
    intent.update(status="succeeded", next_action=None)
    emit(world, "setup_intent.succeeded", intent)
    return intent


def _choose(world, intent, ident):
    method = payment_methods.take(world, ident, "payment_method")
    intent.update(payment_method=method["id"], status="requires_confirmation")


def _fail(world, intent, method, decline_code):
    shown = public(method)
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        last_setup_error=decline(decline_code, payment_method=shown),
    )
    emit(world, "setup_intent.setup_failed", intent)
    return declined(decline_code, setup_intent=public(intent), payment_method=shown)


_CONFIRMED_BY = "mandate_data payment_method return_url use_stripe_sdk"
_PATH = "/v1/setup_intents"
ROUTES = [
    Route(
        "POST",
        _PATH,
        create,
        "SetupIntentCreateParams",
        "automatic_payment_methods allowed_payment_method_types confirm customer description"
        f" metadata payment_method_options usage {_CONFIRMED_BY}",
    ),
    Route(
        "GET",
        _PATH,
        list_intents,
        "SetupIntentListParams",
        f"{PAGING} created customer payment_method",
    ),
    Route(
        "GET",
        _PATH + "/{id}",
        retrieve,
        "SetupIntentRetrieveParams",
        "client_secret",
        browser=BrowserRetrieve,
    ),
    Route(
        "POST",
        _PATH + "/{id}",
        update,
        "SetupIntentUpdateParams",
        "customer description metadata payment_method payment_method_options",
    ),
    Route(
        "POST",
        _PATH + "/{id}/confirm",
        confirm_intent,
        "SetupIntentConfirmParams",
        f"payment_method_options {_CONFIRMED_BY}",
        browser=BrowserConfirm,
    ),
    Route(
        "POST",
        _PATH + "/{id}/cancel",
        cancel,
        "SetupIntentCancelParams",
        "cancellation_reason",
    ),
]
