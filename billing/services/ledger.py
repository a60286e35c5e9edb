"""Booking: the only writer of the ledger. Whoever books holds the account's lock."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce

from accounts.models import Account
from billing.models import (
    Allocation,
    Bill,
    BillNumber,
    Book,
    CreditNoteNumber,
    JournalEntry,
    Posting,
)
from billing.models.ledger import JournalEntryQuerySet


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
    account: Account, *, bill_number: int, amount_cents: int, tax_cents: int, now: dt.datetime
) -> JournalEntry | None:
    """Book a bill's current charges as owed, `tax_cents` of them as taxes to be passed on.

    Nothing is booked for a bill of nothing.
    """
    if amount_cents == 0:
        return None
    sides = [
        (Book.RECEIVABLE, amount_cents),
        (Book.REVENUE, tax_cents - amount_cents),
        (Book.TAX, -tax_cents),
    ]
    return book(
        account,
        kind=JournalEntry.Kind.BILL,
        reference=f"bill:{bill_number:06}",
        now=now,
        sides=[side for side in sides if side[1]],
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
    known = booked_already(account, reference=reference, receivable_cents=-amount_cents)
    if known is not None:
        return known
    entry = book(
        account,
        kind=JournalEntry.Kind.PAYMENT,
        reference=reference,
        now=now,
        sides=[(into, amount_cents), (Book.RECEIVABLE, -amount_cents)],
    )
    apply_credit(account, now=now)
    return entry


@transaction.atomic
def take_back(
    payment: JournalEntry,
    *,
    kind: JournalEntry.Kind,
    reference: str,
    now: dt.datetime,
    memo: str = "",
    amount_cents: int | None = None,
) -> JournalEntry:
    """Book that a payment turned out to be none (bounced, disputed); what it settled is owed again.

    Its money, or `amount_cents` of it, leaves the book that it came into. Other credit of the
    account then settles what it can. Booking the same fact again returns the entry that stands.
    Raises ReferenceTaken.
    """
    account = lock(payment.account_id)
    into, received = money_of(payment)
    amount_cents = received if amount_cents is None else min(amount_cents, received)
    sides = [(Book.RECEIVABLE, amount_cents), (into, -amount_cents)]
    known = booked_already(account, reference=reference, receivable_cents=amount_cents)
    if known is not None:
        return known
    entry = book(
        account, kind=kind, reference=reference, now=now, sides=sides, about=payment, memo=memo
    )
    undo_allocations(payment, now=now)
    settle(payment, debit=entry, amount_cents=amount_cents, now=now)
    apply_credit(account, now=now)
    return entry


def money_of(payment: JournalEntry) -> tuple[Book, int]:
    """Return the book that a payment came into, and its cents."""
    posting = payment.postings.exclude(book=Book.RECEIVABLE).get()
    return Book(posting.book), posting.amount_cents


def unapplied_cents(account: Account) -> int:
    """Return the account's credit that settles nothing yet."""
    credits = JournalEntry.objects.filter(account=account).open_credits()
    return sum(entry.rest_cents for entry in credits)


def booked_already(
    account: Account, *, reference: str, receivable_cents: int
) -> JournalEntry | None:
    """Return the entry under `reference`, None where there is none yet.

    Raises ReferenceTaken where it is of another account, or adds another amount to what is owed.
    """
    known = JournalEntry.objects.with_receivable().filter(reference=reference).first()
    if known is None:
        return None
    if (known.account_id, known.receivable_cents) != (account.pk, receivable_cents):
        raise ReferenceTaken(reference)
    return known


def book(
    account: Account,
    *,
    kind: str,
    reference: str,
    now: dt.datetime,
    sides: list[tuple[str, int]],
    about: JournalEntry | None = None,
    memo: str = "",
) -> JournalEntry:
    """Write one entry with its `sides`, (book, cents) with debits above zero; the caller locks."""
    entry = JournalEntry.objects.create(
        account=account,
        kind=kind,
        reference=reference,
        booked_at=now,
        currency=account.currency,
        about=about,
        memo=memo,
    )
    Posting.objects.bulk_create(
        Posting(entry=entry, book=book, amount_cents=amount) for book, amount in sides
    )
    return entry


def apply_credit(account: Account, *, now: dt.datetime) -> None:
    """Settle what the account owes with its unapplied credit, the oldest of both first.

    Bills come before debits that stand beside them. What a check keeps for staff is left.
    """
    journal = JournalEntry.objects.filter(account=account)
    credits = [(entry, entry.rest_cents) for entry in journal.free_credits()]
    if not credits:
        return
    owed: list[tuple[dict[str, object], int]] = [
        ({"bill": bill}, bill.unpaid_cents) for bill in account.bills.unpaid().order_by("number")
    ]
    owed += [({"debit": debit}, debit.rest_cents) for debit in journal.open_debits()]
    newest = last_entry_pk(account)
    allocations = []
    for target, unpaid in owed:
        while unpaid and credits:
            entry, rest = credits.pop(0)
            amount = min(unpaid, rest)
            allocations.append(
                Allocation(
                    entry=entry,
                    amount_cents=amount,
                    booked_with_id=newest,
                    allocated_at=now,
                    **target,
                )
            )
            unpaid -= amount
            if rest > amount:
                credits.insert(0, (entry, rest - amount))
    Allocation.objects.bulk_create(allocations)


def settle(
    credit: JournalEntry,
    *,
    amount_cents: int,
    now: dt.datetime,
    bill: Bill | None = None,
    debit: JournalEntry | None = None,
) -> Allocation:
    """Let part of `credit` settle part of a bill or of another debit; the caller knows it fits."""
    return Allocation.objects.create(
        entry=credit,
        bill=bill,
        debit=debit,
        amount_cents=amount_cents,
        booked_with_id=last_entry_pk(credit.account),
        allocated_at=now,
    )


def undo_allocations(credit: JournalEntry, *, now: dt.datetime) -> None:
    """Let `credit` settle nothing any more."""
    newest = last_entry_pk(credit.account)
    Allocation.objects.bulk_create(
        Allocation(
            entry=credit,
            bill_id=standing.bill_id,
            debit_id=standing.debit_id,
            amount_cents=-standing.amount_cents,
            undoes=standing,
            booked_with_id=newest,
            allocated_at=now,
        )
        for standing in credit.allocations.filter(undoes=None, undone_by=None)
    )


def paid_after(account: Account, entry_pk: int) -> int:
    """Return the cents paid after the journal entry `entry_pk`, less what was taken back."""
    return _taken_off(JournalEntry.objects.filter(account=account, pk__gt=entry_pk).moving_money())


def corrected_after(account: Account, entry_pk: int) -> int:
    """Return the cents that corrections took off the account's debt after the entry `entry_pk`."""
    return _taken_off(JournalEntry.objects.filter(account=account, pk__gt=entry_pk).corrections())


def _taken_off(entries: JournalEntryQuerySet) -> int:
    sides = Posting.objects.filter(entry__in=entries, book=Book.RECEIVABLE)
    return -sides.aggregate(total=Coalesce(Sum("amount_cents"), 0))["total"]


def last_entry_pk(account: Account) -> int:
    """Return the newest entry of the account's journal, 0 where it is empty."""
    newest = JournalEntry.objects.filter(account=account).order_by("-pk").first()
    return newest.pk if newest else 0


def next_bill_number() -> int:
    """Draw the next number of a bill: see `next_number`."""
    return next_number(BillNumber)


def next_number(series: type[BillNumber | CreditNoteNumber]) -> int:
    """Draw the next number of `series`; its row stays locked until commit, so there is no gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {series._meta.db_table} AS numbers (id, next) VALUES (1, 2)"
            " ON CONFLICT (id) DO UPDATE SET next = numbers.next + 1 RETURNING next - 1"
        )
        return cursor.fetchone()[0]
