"""Payment methods: cards and US bank accounts, made from what was typed or from test tokens."""

import hashlib
import time

from .answers import page
from .banks import BANK_TOKENS, ROUTING_NUMBER, check_number
from .cards import CARD_TOKENS, CARDS, declined
from .changes import change
from .errors import Refused, invalid
from .events import emit
from .routes import PAGING, Route

UNSAFE = (
    "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you"
    " use test tokens that map to the test card you are using, see"
    " https://docs.stripe.com/testing."
)


def create(world, call):
    """Add a payment method; card numbers are taken from browsers only."""
    if "number" in call.given.get("card", {}) and not call.from_browser:
        raise Refused(402, UNSAFE)
    return make(world, call.given)


def retrieve(world, call):
    """Show a payment method."""
    return world.find("payment_method", call.ident)


def update(world, call):
    """Change whose it is, or a card's expiry."""
    method, given = world.find("payment_method", call.ident), dict(call.given)
    previous = {}
    if card := given.pop("card", None):
        previous["card"] = {name: method["card"][name] for name in card}
        method["card"].update(card)
    emit(world, "payment_method.updated", method, change(method, given) | previous)
    return method


def list_methods(world, call):
    """List a customer's payment methods; of nobody in particular there are none."""
    saved = [m for m in world.every("payment_method") if m["customer"]]
    return page(call, saved if "customer" in call.given else [], "customer", "type")


def attach_to(world, call):
    """Save a payment method for a customer."""
    customer = call.given["customer"]
    world.find("customer", customer, "customer")
    return attach(world, take(world, call.ident), customer)


def detach(world, call):
    """Take a payment method off its customer, for good."""
    method = world.find("payment_method", call.ident)
    customer = method["customer"]
    if not customer:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible."
        )
    method.update(customer=None, _used_up=True)
    settings = world.find("customer", customer)["invoice_settings"]
    if settings["default_payment_method"] == method["id"]:
        settings["default_payment_method"] = None
    emit(world, "payment_method.detached", method, {"customer": customer})
    return method


def take(world, ident, param=None):
    """Return the payment method of that id, or a new one if it is a test token. Raises Refused."""
    if number := CARD_TOKENS.get(ident):
        return make(world, {"type": "card", "card": _some_card(world, number)})
    if number := BANK_TOKENS.get(ident):
        bank = {"account_number": number, "routing_number": ROUTING_NUMBER}
        return make(world, {"type": "us_bank_account", "us_bank_account": bank})
    return world.find("payment_method", ident, param)


def make(world, data):
    """Keep a new payment method from what was typed. Raises Refused."""
    makers = {"card": _card_fields, "us_bank_account": _bank_fields}
    kind = data.get("type")
    if kind not in makers:
        raise invalid(f"The stand-in does not play payment methods of type {kind}.", "type")
    details = data.get("billing_details", {})
    return world.add(
        "pm_",
        "payment_method",
        type=kind,
        allow_redisplay=data.get("allow_redisplay", "unspecified"),
        billing_details={"address": None, "email": None, "name": None, "phone": None} | details,
        customer=None,
        customer_account=None,
        metadata=data.get("metadata", {}),
        **makers[kind](world, data.get(kind, {})),
    )


def attach(world, method, customer):
    """Save a payment method for a customer, unless its bank refuses. Raises Refused."""
    if method["customer"] == customer:
        return method
    if method["customer"]:
        raise invalid("The payment method you provided has already been attached to a customer.")
    check_usable(method)
    card = card_of(method)
    if card and card.refused_for:
        raise declined(card.refused_for)
    method["customer"] = customer
    emit(world, "payment_method.attached", method)
    return method


def check_usable(method):
    """Refuse a payment method that was detached, or used once without being saved."""
    if method.get("_used_up"):
        raise invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was"
            " detached from a Customer, and may not be used again."
        )


def card_of(method):
    """Return the test card behind a payment method, or None for a bank account."""
    return CARDS[method["_number"]] if method["type"] == "card" else None


def has_expired(world, method):
    """Tell whether a card's last month is over."""
    now = time.gmtime(world.now())
    card = method["card"]
    return (card["exp_year"], card["exp_month"]) < (now.tm_year, now.tm_mon)


def _some_card(world, number):
    cvc = "1234" if CARDS[number].brand == "amex" else "123"
    year = time.gmtime(world.now()).tm_year + 8
    return {"number": number, "exp_month": 12, "exp_year": year, "cvc": cvc}


def _card_fields(world, typed):
    number = typed.get("number", "").replace(" ", "")
    for name in ("exp_month", "exp_year"):
        if name not in typed:
            raise invalid(f"Missing required param: card[{name}].", name, "parameter_missing")
    if number not in CARDS:
        raise _mistyped("number", "incorrect_number", "Your card number is incorrect.")
    card = CARDS[number]
    month, year = typed["exp_month"], typed["exp_year"] % 100 + 2000
    if not 1 <= month <= 12:
        raise _mistyped(
            "exp_month", "invalid_expiry_month", "Your card's expiration month is invalid."
        )
    if len(typed.get("cvc", "")) not in (0, 4 if card.brand == "amex" else 3):
        raise _mistyped("cvc", "invalid_cvc", "Your card's security code is invalid.")
    fields = {"_number": number, "card": _shown_card(card, month, year)}
    if has_expired(world, fields):
        raise _mistyped(
            "exp_year", "invalid_expiry_year", "Your card's expiration year is invalid."
        )
    return fields


def _shown_card(card, month, year):
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "unchecked",
        },
        "country": "US",
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _bank_fields(world, typed):
    number = typed.get("account_number", "")
    check_number(number)
    shown = {
        "account_holder_type": typed.get("account_holder_type", "company"),
        "account_type": typed.get("account_type", "checking"),
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": hashlib.sha256(number.encode()).hexdigest()[:16],
        "last4": number[-4:],
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": typed.get("routing_number"),
        "status_details": {},
    }
    return {"_number": number, "us_bank_account": shown}


def _mistyped(param, code, message):
    return Refused(402, message, kind="card_error", code=code, param=param)


_PATH = "/v1/payment_methods"
ROUTES = [
    Route(
        "POST",
        _PATH,
        create,
        "PaymentMethodCreateParams",
        "type card us_bank_account billing_details allow_redisplay metadata",
        browser="PaymentMethodCreateParams",
    ),
    Route("GET", _PATH, list_methods, "PaymentMethodListParams", f"{PAGING} customer type"),
    Route("GET", _PATH + "/{id}", retrieve, "PaymentMethodRetrieveParams"),
    Route(
        "POST",
        _PATH + "/{id}",
        update,
        "PaymentMethodUpdateParams",
        "billing_details allow_redisplay card metadata",
    ),
    Route("POST", _PATH + "/{id}/attach", attach_to, "PaymentMethodAttachParams", "customer"),
    Route("POST", _PATH + "/{id}/detach", detach, "PaymentMethodDetachParams"),
]
