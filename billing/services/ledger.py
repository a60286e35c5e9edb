"""Booking: the only writer of the ledger. Whoever books holds the account's lock."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from accounts.models import Account
from billing.models import Allocation, Book, JournalEntry, Posting


class ReferenceTaken(Exception):
    """Another fact is booked under this reference already."""


def lock(account_pk: int) -> Account:
    """Take the account's row lock, under which all its books are written."""
    # NO KEY: rows that only point to the account, such as the audit log's, need not wait.
    return Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account_pk)


def balance_cents(account: Account) -> int:
    """Return what the account owes; negative where it has credit."""
    owed = Posting.objects.filter(entry__account=account, book=Book.RECEIVABLE)
    return owed.aggregate(total=Coalesce(Sum("amount_cents"), 0))["total"]


def book_charges(
    account: Account, *, bill_number: int, amount_cents: int, now: dt.datetime
) -> JournalEntry | None:
    """Book a bill's current charges as owed; nothing is booked for a bill of nothing."""
    if amount_cents == 0:
        return None
    return _book(
        account,
        kind=JournalEntry.Kind.BILL,
        reference=f"bill:{bill_number:06}",
        now=now,
        sides=[(Book.RECEIVABLE, amount_cents), (Book.REVENUE, -amount_cents)],
    )


@transaction.atomic
def book_payment(
    account: Account, *, reference: str, amount_cents: int, into: Book, now: dt.datetime
) -> JournalEntry:
    """Book money received and settle the oldest bills with it; the rest stays as credit.

    `reference` names the fact ("ch_…", "check:40012:1001"); booking it again returns the entry
    that stands. Raises ReferenceTaken where that is of another account or amount.
    """
    account = lock(account.pk)
    known = JournalEntry.objects.with_receivable().filter(reference=reference).first()
    if known is not None:
        if (known.account_id, known.receivable_cents) != (account.pk, -amount_cents):
            raise ReferenceTaken(reference)
        return known
    entry = _book(
        account,
        kind=JournalEntry.Kind.PAYMENT,
        reference=reference,
        now=now,
        sides=[(into, amount_cents), (Book.RECEIVABLE, -amount_cents)],
    )
    apply_credit(account, now=now)
    return entry


def record_check(
    account: Account, *, check_number: str, amount_cents: int, now: dt.datetime
) -> JournalEntry:
    """Book a corporate check; its number counts once per account. Raises ReferenceTaken."""
    reference = f"check:{account.number}:{check_number}"
    return book_payment(
        account, reference=reference, amount_cents=amount_cents, into=Book.BANK, now=now
    )


def apply_credit(account: Account, *, now: dt.datetime) -> None:
    """Settle the account's unpaid bills, oldest first, with its unapplied credit, oldest first."""
    credits = _unapplied_credit(account)
    allocations = []
    for bill in account.bills.unpaid().order_by("number"):
        unpaid = bill.unpaid_cents
        while unpaid and credits:
            entry, rest = credits.pop(0)
            amount = min(unpaid, rest)
            allocations.append(
                Allocation(entry=entry, bill=bill, amount_cents=amount, allocated_at=now)
            )
            unpaid -= amount
            if rest > amount:
                credits.insert(0, (entry, rest - amount))
    Allocation.objects.bulk_create(allocations)


def paid_after(account: Account, entry_pk: int) -> int:
    """Return the cents that payments booked after the journal entry `entry_pk` brought in."""
    payments = JournalEntry.objects.filter(account=account, pk__gt=entry_pk).payments()
    received = Posting.objects.filter(entry__in=payments, book=Book.RECEIVABLE)
    return -received.aggregate(total=Coalesce(Sum("amount_cents"), 0))["total"]


def last_entry_pk(account: Account) -> int:
    """Return the newest entry of the account's journal, 0 where it is empty."""
    newest = JournalEntry.objects.filter(account=account).order_by("-pk").first()
    return newest.pk if newest else 0


def next_bill_number() -> int:
    """Draw the next number. Its row stays locked until commit, so a roll-back leaves no gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_billnumber AS numbers (id, next) VALUES (1, 2)"
            " ON CONFLICT (id) DO UPDATE SET next = numbers.next + 1 RETURNING next - 1"
        )
        return cursor.fetchone()[0]


def _unapplied_credit(account: Account) -> list[tuple[JournalEntry, int]]:
    payments = (
        JournalEntry.objects.filter(account=account)
        .payments()
        .with_receivable()
        .with_allocated()
        .annotate(rest_cents=-F("receivable_cents") - F("allocated_cents"))
        .filter(rest_cents__gt=0)
        .order_by("pk")
    )
    return [(payment, payment.rest_cents) for payment in payments]


def _book(
    account: Account,
    *,
    kind: str,
    reference: str,
    now: dt.datetime,
    sides: list[tuple[Book, int]],
) -> JournalEntry:
    entry = JournalEntry.objects.create(
        account=account,
        kind=kind,
        reference=reference,
        booked_at=now,
        currency=account.currency,
    )
    Posting.objects.bulk_create(
        Posting(entry=entry, book=book, amount_cents=amount) for book, amount in sides
    )
    return entry
