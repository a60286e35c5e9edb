"""Refunds: money given back on a charge, whole or in parts, and how that may fail later."""

from . import balance
from .answers import page
from .changes import change
from .errors import invalid
from .events import emit
from .payment_methods import card_of
from .routes import PAGING, Route

FIRST_STATUS = {"succeeds": "succeeded", "pends": "pending", "fails": "succeeded"}


def create(world, call):
    """Give money back."""
    charge = _charge_of(world, call.given)
    amount = _check_amount(world, charge, call.given.get("amount"))
    method = world.get(charge["payment_method"])
    card = card_of(method)
    refund = world.add(
        "re_",
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={method["type"]: {}, "type": method["type"]},
        metadata=call.given.get("metadata") or {},
        payment_intent=charge["payment_intent"],
        reason=call.given.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status=FIRST_STATUS[card.refund] if card else "pending",
        transfer_reversal=None,
    )
    refund["balance_transaction"] = balance.book(world, refund, -amount, "refund")["id"]
    _count(charge, amount)
    emit(world, "refund.created", refund)
    emit(world, "charge.refunded", charge)
    if card and card.refund == "fails":
        finish(world, refund, failure="expired_or_canceled_card")
    return refund


def finish(world, refund, failure=None):
    """Let a refund arrive, or come back with a failure reason; return the refund."""
    if failure is None:
        refund["status"] = "succeeded"
    else:
        entry = balance.book(world, refund, refund["amount"], "refund_failure")
        refund.update(
            status="failed", failure_reason=failure, failure_balance_transaction=entry["id"]
        )
        _count(world.get(refund["charge"]), -refund["amount"])
    emit(world, "refund.updated", refund)
    emit(world, "charge.refund.updated", refund)
    if failure:
        emit(world, "refund.failed", refund)
    return refund


def retrieve(world, call):
    """Show a refund."""
    return world.find("refund", call.ident)


def update(world, call):
    """Change a refund's metadata."""
    refund = world.find("refund", call.ident)
    change(refund, call.given)
    emit(world, "refund.updated", refund)
    return refund


def list_refunds(world, call):
    """List the refunds, newest first."""
    return page(call, world.every("refund"), "charge", "payment_intent")


def _charge_of(world, given):
    if "charge" in given:
        charge = world.find("charge", given["charge"], "charge")
    elif "payment_intent" in given:
        intent = world.find("payment_intent", given["payment_intent"], "payment_intent")
        charge = world.get(intent["latest_charge"])
    else:
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    if charge is None or charge["status"] != "succeeded":
        raise invalid("This payment does not have a successful charge to refund.")
    return charge


def _check_amount(world, charge, amount):
    """Return how many cents are to be given back. Raises Refused."""
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if _is_charged_back(world, charge):
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    amount = left if amount is None else amount
    if amount <= 0:
        raise invalid("This value must be greater than or equal to 1.", "amount")
    if amount > left:
        raise invalid(
            f"Refund amount (${amount / 100:,.2f}) is greater than unrefunded amount on charge"
            f" (${left / 100:,.2f})",
            "amount",
        )
    return amount


def _is_charged_back(world, charge):
    return any(
        dispute["charge"] == charge["id"] and dispute["status"] != "won"
        for dispute in world.every("dispute")
    )


def _count(charge, amount):
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


_PATH = "/v1/refunds"
ROUTES = [
    Route(
        "POST",
        _PATH,
        create,
        "RefundCreateParams",
        "charge payment_intent amount reason metadata",
    ),
    Route("GET", _PATH + "/{id}", retrieve, "RefundRetrieveParams"),
    Route("POST", _PATH + "/{id}", update, "RefundUpdateParams", "metadata"),
    Route(
        "GET", _PATH, list_refunds, "RefundListParams", f"{PAGING} created charge payment_intent"
    ),
]
