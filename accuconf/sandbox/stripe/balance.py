"""Balance transactions: what each charge, refund and dispute moved, after Stripe's fee."""

from .answers import page
from .routes import PAGING, Route


def book(world, source, amount, kind, *, fee=0):
    """Enter `amount` cents for the object `source` into the balance, and return the entry."""
    details = {"amount": fee, "currency": source["currency"], "description": "Stripe fees"}
    return world.add(
        "txn_",
        "balance_transaction",
        amount=amount,
        available_on=world.now(),
        balance_type="payments",
        currency=source["currency"],
        description=source.get("description"),
        exchange_rate=None,
        fee=fee,
        fee_details=[details | {"application": None, "type": "stripe_fee"}] if fee else [],
        net=amount - fee,
        reporting_category="dispute" if source["object"] == "dispute" else kind,
        source=source["id"],
        status="available",
        type=kind,
    )


def retrieve(world, call):
    """Show a balance transaction."""
    return world.find("balance_transaction", call.ident)


def list_entries(world, call):
    """List the balance transactions, newest first."""
    return page(call, world.every("balance_transaction"), "type", "source")


_PATH = "/v1/balance_transactions"
ROUTES = [
    Route("GET", _PATH + "/{id}", retrieve, "BalanceTransactionRetrieveParams"),
    Route(
        "GET",
        _PATH,
        list_entries,
        "BalanceTransactionListParams",
        f"{PAGING} created type source",
    ),
]
