"""The books as a journal of hledger's, so that an outside tool can check and total them.

Source: https://hledger.org/1.25/hledger.html#journal-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch

from billing.models import Book, JournalEntry, Posting

#: Where each book of ours stands in the outside tool's tree of accounts.
ACCOUNTS = {
    Book.RECEIVABLE: "assets:receivable",
    Book.CARD_CLEARING: "assets:card clearing",
    Book.BANK: "assets:bank",
    Book.TAX: "liabilities:tax",
    Book.REVENUE: "revenues:conferencing",
    Book.CREDIT_NOTES: "revenues:credit notes",
    Book.BAD_DEBT: "expenses:bad debt",
}
#: Entries read at once.
CHUNK = 2_000
#: What ends a description in hledger's format, or a transaction's code.
_ENDS_A_TEXT = re.compile(r"[;|()\s]+")
#: What ends an account's name, or begins a sub-account.
_SPLITS_A_NAME = re.compile(r"[:;|()%\s]")


def journal_lines() -> Iterator[str]:
    """Write every entry of the books, oldest first, line by line; nothing is kept.

    Each customer has a receivable account of its own, by its number. Days are those of the billing
    zone, amounts are decimals with the currency's code. The declarations at the top let
    `hledger check --strict` refuse an account or currency that is not ours.
    """
    entries = JournalEntry.objects.order_by("booked_at", "pk").select_related("account")
    yield from _declarations()
    in_order = Prefetch("postings", Posting.objects.order_by("pk"))
    for entry in entries.prefetch_related(in_order).iterator(chunk_size=CHUNK):
        yield from _entry(entry)


def _declarations() -> Iterator[str]:
    currencies = JournalEntry.objects.order_by("currency").values_list("currency", flat=True)
    for currency in currencies.distinct():
        yield f"commodity 1000.00 {currency}\n"
    for book, account in ACCOUNTS.items():
        if book != Book.RECEIVABLE:
            yield f"account {account}\n"
    numbers = JournalEntry.objects.order_by("account__number").values_list("account__number")
    for (number,) in numbers.distinct().iterator():
        yield f"account {_receivable(number)}\n"


def _entry(entry: JournalEntry) -> Iterator[str]:
    day = entry.booked_at.astimezone(ZoneInfo(settings.BILLING_TIME_ZONE)).date()
    yield f"\n{day} ({_plain(entry.reference)}) {_plain(entry.account.name)}\n"
    for posting in entry.postings.all():
        account = ACCOUNTS[Book(posting.book)]
        if posting.book == Book.RECEIVABLE:
            account = _receivable(entry.account.number)
        yield f"    {account}  {_decimal(posting.amount_cents)} {entry.currency}\n"


def _receivable(number: str) -> str:
    """Name the account of one customer; no two numbers give one name."""
    escaped = _SPLITS_A_NAME.sub(lambda sign: f"%{ord(sign[0]):02X}", number)
    return f"{ACCOUNTS[Book.RECEIVABLE]}:{escaped}"


def _plain(text: str) -> str:
    return _ENDS_A_TEXT.sub(" ", text).strip()


def _decimal(cents: int) -> str:
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02}"
