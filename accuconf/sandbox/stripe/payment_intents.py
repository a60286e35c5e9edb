"""Payment intents: one for each thing to be paid. Confirming them is in confirming.py."""

from . import debits, intents, payment_methods
from .answers import page
from .changes import change
from .confirming import confirm
from .customers import find_customer
from .errors import invalid
from .events import emit
from .routes import PAGING, Route
from .schema import BrowserConfirm, BrowserRetrieve

NOUN = "payment_intent"
CLOSED = ("succeeded", "canceled", "processing")
#: What may still be changed on a payment intent that is over.
ALWAYS_CHANGEABLE = {"description", "metadata", "receipt_email", "expand"}


def create(world, call):
    """Add a payment intent, and confirm it at once if asked to."""
    given = call.given
    if given.get("off_session") and not given.get("confirm"):
        raise invalid("`off_session` can only be used when `confirm` is true.", "off_session")
    _check_amount(given["amount"], given["currency"])
    if given.get("customer"):
        find_customer(world, given["customer"], "customer")
    intent = intents.add(world, "pi_", NOUN, **_fields(world, given))
    emit(world, "payment_intent.created", intent)
    if method := given.get("payment_method"):
        _choose(world, intent, method)
    return confirm(world, intent, given) if given.get("confirm") else intent


def retrieve(world, call):
    """Show a payment intent; a debit whose days are over has ended by now."""
    debits.settle_due(world)
    return intents.find(world, NOUN, call)


def update(world, call):
    """Change a payment intent; of one that is over, hardly anything."""
    intent, given = intents.find(world, NOUN, call), dict(call.given)
    if given.keys() - ALWAYS_CHANGEABLE:
        names = ", ".join(sorted(given.keys() - {"expand"}))
        intents.check_status(intent, f"update {names} of", *CLOSED)
    if "amount" in given:
        _check_amount(given["amount"], given.get("currency", intent["currency"]))
    if method := given.pop("payment_method", None):
        _choose(world, intent, method)
    change(intent, given)
    return intent


def confirm_intent(world, call):
    """Take the money, now or once the bank has been asked."""
    intent = intents.find(world, NOUN, call)
    return confirm(world, intent, call.given, from_browser=call.from_browser)


def cancel(world, call):
    """Make sure that no money will be taken any more."""
    intent = intents.find(world, NOUN, call)
    intents.check_status(intent, "cancel", *CLOSED)
    intent.update(
        status="canceled",
        canceled_at=world.now(),
        cancellation_reason=call.given.get("cancellation_reason"),
        next_action=None,
    )
    emit(world, "payment_intent.canceled", intent)
    return intent


def list_intents(world, call):
    """List the payment intents, newest first."""
    return page(call, world.every(NOUN), "customer")


def _check_amount(amount, currency):
    if amount < 50:
        raise invalid(
            f"Amount must be at least 50 cents of {currency}.", "amount", "amount_too_small"
        )
    if amount > 99_999_999:
        raise invalid("Amount must be no more than $999,999.99", "amount", "amount_too_large")


def _fields(world, given):
    return intents.common_fields(world, given) | {
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application_fee_amount": None,
        "canceled_at": None,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "currency": given["currency"].lower(),
        "last_payment_error": None,
        "latest_charge": None,
        "payment_record": None,
        "processing": None,
        "receipt_email": given.get("receipt_email"),
        "review": None,
        "setup_future_usage": given.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": given.get("statement_descriptor"),
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "transfer_data": None,
        "transfer_group": None,
    }


def _choose(world, intent, ident):
    method = payment_methods.take(world, ident, "payment_method")
    intent.update(payment_method=method["id"], status="requires_confirmation")


_DESCRIBED_BY = (
    "customer description metadata receipt_email setup_future_usage statement_descriptor"
    " statement_descriptor_suffix payment_method payment_method_options"
)
_CONFIRMED_BY = "off_session error_on_requires_action mandate_data return_url use_stripe_sdk"
_PATH = "/v1/payment_intents"
ROUTES = [
    Route(
        "POST",
        _PATH,
        create,
        "PaymentIntentCreateParams",
        "amount currency confirm automatic_payment_methods allowed_payment_method_types"
        f" {_DESCRIBED_BY} {_CONFIRMED_BY}",
    ),
    Route("GET", _PATH, list_intents, "PaymentIntentListParams", f"{PAGING} created customer"),
    Route(
        "GET",
        _PATH + "/{id}",
        retrieve,
        "PaymentIntentRetrieveParams",
        "client_secret",
        browser=BrowserRetrieve,
    ),
    Route(
        "POST",
        _PATH + "/{id}",
        update,
        "PaymentIntentUpdateParams",
        f"amount currency {_DESCRIBED_BY}",
    ),
    Route(
        "POST",
        _PATH + "/{id}/confirm",
        confirm_intent,
        "PaymentIntentConfirmParams",
        f"payment_method payment_method_options setup_future_usage receipt_email {_CONFIRMED_BY}",
        browser=BrowserConfirm,
    ),
    Route(
        "POST",
        _PATH + "/{id}/cancel",
        cancel,
        "PaymentIntentCancelParams",
        "cancellation_reason",
    ),
]
