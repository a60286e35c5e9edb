"""The back office's pages of prices, bills, their runs, and the money."""

from billing.admin import (
    accounts,
    bills,
    books,
    charges,
    checks,
    collections,
    following_up,
    late_fees,
    mailing,
    prices,
    runs,
    second_person,
    stripe,
)

__all__ = [
    "accounts",
    "bills",
    "books",
    "charges",
    "checks",
    "collections",
    "following_up",
    "late_fees",
    "mailing",
    "prices",
    "runs",
    "second_person",
    "stripe",
]
