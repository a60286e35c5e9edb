"""Mandates: a holder's permission to debit a bank account. Without one no debit is made.

It is given while an account is saved or used, and gone after a dispute or a failure that stays.
docs.stripe.com/payments/ach-direct-debit/set-up-payment
"""

from .errors import invalid
from .events import emit
from .routes import Route

NO_MANDATE = (
    "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate"
    " acceptance from the customer and try again, providing acceptance data in the mandate_data"
    " parameter."
)


def accept(world, method, given, *, kind):
    """Keep the mandate that `given` brings for a bank account, and return it, or None."""
    acceptance = (given.get("mandate_data") or {}).get("customer_acceptance")
    if acceptance is None:
        return None
    mandate = world.add(
        "mandate_",
        "mandate",
        customer_acceptance={"accepted_at": world.now(), "offline": None, "online": None}
        | acceptance,
        multi_use={} if kind == "multi_use" else None,
        payment_method=method["id"],
        payment_method_details={"type": method["type"], method["type"]: {}},
        status="active",
        type=kind,
    )
    method["_mandate"] = mandate["id"]
    return mandate


def check_setup(world, method, given):
    """Return the mandate by which a bank account may be debited from now on. Raises Refused."""
    mandate = accept(world, method, given, kind="multi_use")
    if mandate is None:
        raise invalid(
            "When confirming a SetupIntent with a `us_bank_account` PaymentMethod, `mandate_data`"
            " is required.",
            "mandate_data",
        )
    return mandate


def may_debit(world, method, given):
    """Tell whether the holder has permitted this debit: long ago, or by `given`."""
    known = world.get(method.get("_mandate") or "")
    if known is not None and known["status"] == "active":
        return True
    return accept(world, method, given, kind="single_use") is not None


def revoke(world, method):
    """Take the permission back, if there is one: the account can be debited no more."""
    mandate = world.get(method.get("_mandate") or "")
    if mandate is not None and mandate["status"] == "active":
        mandate["status"] = "inactive"
        emit(world, "mandate.updated", mandate, {"status": "active"})


def retrieve(world, call):
    """Show a mandate."""
    return world.find("mandate", call.ident)


ROUTES = [Route("GET", "/v1/mandates/{id}", retrieve, "MandateRetrieveParams")]
