"""The back office's pages of prices, bills, their runs, and the money."""

from billing.admin import accounts, bills, books, checks, collections, mailing, prices, runs, stripe

__all__ = [
    "accounts", "bills", "books", "checks", "collections", "mailing", "prices", "runs", "stripe",
]  # fmt: skip
