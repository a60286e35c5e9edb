"""Charges: each try to take money, its entry in the balance, and disputes about it."""

from . import balance, banks, mandates
from .answers import page, public
from .cards import ERROR_CODES, message_for
from .events import emit
from .routes import PAGING, Route

SEVEN_DAYS = 7 * 24 * 60 * 60


def add(world, intent, method, status, decline_code=None):
    """Keep a charge of the whole intent: "succeeded", "pending" or "failed" with a decline code."""
    code = decline_code and ERROR_CODES.get(decline_code, "card_declined")
    paid = status == "succeeded"
    charge = world.add(
        "ch_" if method["type"] == "card" else "py_",
        "charge",
        **_same_as_intent(intent),
        **_nothing_yet(),
        amount_captured=intent["amount"] if paid else 0,
        billing_details=method["billing_details"],
        captured=paid,
        failure_code=code,
        failure_message=decline_code and message_for(decline_code),
        outcome=_outcome(status, decline_code),
        paid=status != "failed",
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={
            "type": method["type"],
            method["type"]: public(method[method["type"]]),
        },
        status=status,
    )
    if paid:
        _book(world, charge)
    intent["latest_charge"] = charge["id"]
    return charge


def settle(world, charge, failure):
    """End a pending bank debit, for good or with a failure code."""
    if failure is None:
        charge.update(status="succeeded", captured=True, amount_captured=charge["amount"])
        _book(world, charge)
    else:
        message = banks.message_for(failure)
        charge.update(status="failed", paid=False, failure_code=failure, failure_message=message)


def open_dispute(world, charge, reason):
    """Let the payer's bank take the money back, and return the dispute.

    That of a bank debit is lost as it is opened, and ends the mandate: nobody can contest it.
    """
    charge["disputed"] = True
    is_final = charge["payment_method_details"]["type"] == "us_bank_account"
    dispute = world.add(
        "dp_",
        "dispute",
        amount=charge["amount"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details={
            "due_by": None if is_final else world.now() + SEVEN_DAYS,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    entry = balance.book(world, dispute, -dispute["amount"], "adjustment")
    dispute["balance_transactions"].append(public(entry))
    emit(world, "charge.dispute.created", dispute)
    emit(world, "charge.dispute.funds_withdrawn", dispute)
    if is_final:
        mandates.revoke(world, world.get(charge["payment_method"]))
        close_dispute(world, dispute, "lost")
    return dispute


def close_dispute(world, dispute, status):
    """Decide a dispute: "won" brings the money back, "lost" does not."""
    dispute["status"] = status
    if status == "won":
        entry = balance.book(world, dispute, dispute["amount"], "adjustment")
        dispute["balance_transactions"].append(public(entry))
        emit(world, "charge.dispute.funds_reinstated", dispute)
    emit(world, "charge.dispute.closed", dispute)
    return dispute


def retrieve(world, call):
    """Show a charge."""
    return world.find("charge", call.ident)


def list_charges(world, call):
    """List the charges, newest first."""
    return page(call, world.every("charge"), "customer", "payment_intent")


def retrieve_dispute(world, call):
    """Show a dispute."""
    return world.find("dispute", call.ident)


def list_disputes(world, call):
    """List the disputes, newest first."""
    return page(call, world.every("dispute"), "charge", "payment_intent")


def _same_as_intent(intent):
    names = (
        "amount currency customer description receipt_email statement_descriptor"
        " statement_descriptor_suffix"
    )
    same = {name: intent[name] for name in names.split()}
    return same | {"metadata": dict(intent["metadata"])}


def _nothing_yet():
    unused = (
        "application application_fee application_fee_amount balance_transaction"
        " calculated_statement_descriptor failure_balance_transaction on_behalf_of"
        " receipt_number receipt_url review shipping source source_transfer transfer_data"
        " transfer_group"
    )
    return dict.fromkeys(unused.split()) | {
        "amount_refunded": 0,
        "disputed": False,
        "fraud_details": {},
        "radar_options": {},
        "refunded": False,
    }


def _outcome(status, decline_code):
    if status == "failed":
        return {
            "network_status": "declined_by_network",
            "reason": decline_code,
            "seller_message": "The bank declined the payment.",
            "type": "issuer_declined",
        }
    return {
        "network_status": "approved_by_network",
        "reason": None,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _book(world, charge):
    fee = charge["amount"] * 29 // 1000 + 30
    entry = balance.book(world, charge, charge["amount"], "charge", fee=fee)
    charge["balance_transaction"] = entry["id"]
    charge["receipt_url"] = f"{world.url}/receipts/{charge['id']}"


ROUTES = [
    Route("GET", "/v1/charges/{id}", retrieve, "ChargeRetrieveParams"),
    Route(
        "GET",
        "/v1/charges",
        list_charges,
        "ChargeListParams",
        f"{PAGING} created customer payment_intent",
    ),
    Route("GET", "/v1/disputes/{id}", retrieve_dispute, "DisputeRetrieveParams"),
    Route(
        "GET",
        "/v1/disputes",
        list_disputes,
        "DisputeListParams",
        f"{PAGING} created charge payment_intent",
    ),
]
