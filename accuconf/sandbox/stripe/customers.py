"""Customers: who is charged, and which payment methods are saved for them."""

from . import payment_methods
from .answers import page
from .changes import change
from .errors import Refused, invalid, missing
from .events import emit
from .routes import PAGING, Route

CHANGEABLE = (
    "name email phone description address shipping invoice_settings preferred_locales tax_exempt"
    " metadata"
)


def create(world, call):
    """Add a customer, with a payment method saved for it if one is given."""
    given = dict(call.given)
    payment_method = given.pop("payment_method", None)
    customer = world.add("cus_", "customer", **_blank())
    try:
        change(customer, given)
        if payment_method:
            payment_methods.attach(
                world, payment_methods.take(world, payment_method), customer["id"]
            )
        _check_default(world, customer)
    except Refused:
        world.remove(customer)
        raise
    emit(world, "customer.created", customer)
    return customer


def update(world, call):
    """Change a customer."""
    customer = find_customer(world, call.ident)
    before = dict(customer)
    previous = change(customer, call.given)
    try:
        _check_default(world, customer)
    except Refused:
        customer.update(before)
        raise
    emit(world, "customer.updated", customer, previous)
    return customer


def retrieve(world, call):
    """Show a customer; of a deleted one only that it was."""
    customer = world.find("customer", call.ident)
    return _epitaph(customer) if customer.get("_deleted") else customer


def delete(world, call):
    """Delete a customer for good."""
    customer = find_customer(world, call.ident)
    customer["_deleted"] = True
    emit(world, "customer.deleted", customer)
    return _epitaph(customer)


def list_customers(world, call):
    """List the customers, newest first."""
    alive = [customer for customer in world.every("customer") if not customer.get("_deleted")]
    return page(call, alive, "email")


def list_saved(world, call):
    """List the payment methods saved for a customer."""
    find_customer(world, call.ident)
    return page(call, _saved_for(world, call.ident), "type")


def find_customer(world, ident, param=None):
    """Return a customer that was not deleted. Raises Refused."""
    customer = world.find("customer", ident, param)
    if customer.get("_deleted"):
        raise missing("customer", ident, param)
    return customer


def _blank():
    return {
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": None,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "metadata": {},
        "name": None,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def _check_default(world, customer):
    default = customer["invoice_settings"]["default_payment_method"]
    if default and world.find("payment_method", default)["customer"] != customer["id"]:
        raise invalid(
            f"The customer does not have a payment method with the ID {default}. The payment"
            " method must be attached to the customer.",
            "invoice_settings[default_payment_method]",
            "resource_missing",
        )


def _saved_for(world, customer):
    return [method for method in world.every("payment_method") if method["customer"] == customer]


def _epitaph(customer):
    return {"id": customer["id"], "object": "customer", "deleted": True}


_PATH = "/v1/customers"
ROUTES = [
    Route("POST", _PATH, create, "CustomerCreateParams", CHANGEABLE + " payment_method"),
    Route("GET", _PATH, list_customers, "CustomerListParams", f"{PAGING} created email"),
    Route("GET", _PATH + "/{id}", retrieve, "CustomerRetrieveParams"),
    Route("POST", _PATH + "/{id}", update, "CustomerUpdateParams", CHANGEABLE),
    Route("DELETE", _PATH + "/{id}", delete, "CustomerDeleteParams"),
    Route(
        "GET",
        _PATH + "/{id}/payment_methods",
        list_saved,
        "CustomerListPaymentMethodsParams",
        f"{PAGING} type",
    ),
]
