"""Credit notes: a mistake on a bill is mended beside it, by line and under a number of its own."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.money import percent_of
from accounts.services.audit import record
from accounts.services.letters import tell
from billing.models import (
    Bill,
    BillCharge,
    BillLine,
    Book,
    CreditNote,
    CreditNoteDocument,
    CreditNoteLine,
    CreditNoteNumber,
    JournalEntry,
    Tax,
)
from billing.models.credit_note import uncredited
from billing.services import ledger
from users.models import User


class NothingToCredit(Exception):
    """No line was given an amount."""


class CreditTooHigh(Exception):
    """More was to be given back of a line or charge than is left of it."""

    def __init__(self, billed: BillLine | BillCharge) -> None:
        super().__init__(str(billed))
        self.billed = billed


#: What is given back: lines and charges of a bill, each with its cents.
Credits = Sequence[tuple[BillLine | BillCharge, int]]


@transaction.atomic
def issue_credit_note(
    bill: Bill,
    *,
    amounts: Mapping[int, int],
    charges: Mapping[int, int] | None = None,
    with_taxes: bool = False,
    reason: str,
    form_key: uuid.UUID,
    by: Actor,
    now: dt.datetime,
) -> CreditNote:
    """Give back `amounts` of lines of `bill` and `charges` of its charges; return the credit note.

    Both are cents by key. `with_taxes` also gives back the surcharges and taxes on them, where
    `charges` does not say how much. The note settles its own bill first; what is left is credit of
    the account. The same `form_key` again returns the note that stands.

    Raises NothingToCredit, CreditTooHigh.
    """
    account = ledger.lock(bill.account_id)
    known = CreditNote.objects.filter(form_key=form_key).first()
    if known is not None:
        return known
    credits = [
        *_wanted(bill.lines.order_by("position"), amounts),
        *_wanted(bill.charges.order_by("position"), charges or {}),
    ]
    if not credits:
        raise NothingToCredit
    if with_taxes:
        credits += _percentages_on(bill, credits)
    note = _freeze(bill, credits, reason=reason, form_key=form_key, by=by, now=now)
    unpaid = Bill.objects.with_unpaid().get(pk=bill.pk).unpaid_cents
    if unpaid > 0:
        ledger.settle(note.entry, bill=bill, amount_cents=min(unpaid, note.total_cents), now=now)
    ledger.apply_credit(account, now=now)
    CreditNoteDocument.objects.create(note=note)
    _tell(note, by=by, now=now)
    return note


def _wanted(rows: QuerySet, amounts: Mapping[int, int]) -> Credits:
    wanted = [pk for pk, cents in amounts.items() if cents > 0]
    credits = [(billed, amounts[billed.pk]) for billed in uncredited(rows.filter(pk__in=wanted))]
    for billed, cents in credits:
        if cents > billed.uncredited_cents:
            raise CreditTooHigh(billed)
    return credits


def _percentages_on(bill: Bill, credits: Credits) -> Credits:
    """Return what surcharges and taxes of `bill` are on `credits`, but for those among them."""
    chosen = {billed.pk for billed, _ in credits if isinstance(billed, BillCharge)}
    percentages = bill.charges.filter(tax__isnull=False).order_by("position")
    back: list[tuple[BillCharge, int]] = []
    for charge in uncredited(percentages).select_related("tax"):
        base = sum(cents for billed, cents in [*credits, *back] if charge.tax.is_of(billed))
        cents = min(percent_of(base, charge.percent), charge.uncredited_cents)
        if cents > 0 and charge.pk not in chosen:
            back.append((charge, cents))
    return back


def _freeze(
    bill: Bill,
    credits: Credits,
    *,
    reason: str,
    form_key: uuid.UUID,
    by: Actor,
    now: dt.datetime,
) -> CreditNote:
    """Write lines, ledger entry and note, in this order: no line joins a note that is there."""
    pk = _next_pk()
    total = sum(cents for _, cents in credits)
    number = ledger.next_number(CreditNoteNumber)
    entry = ledger.book(
        bill.account,
        kind=JournalEntry.Kind.CREDIT_NOTE,
        reference=f"credit-note:C{number:06}",
        now=now,
        sides=_sides(credits, total),
        memo=reason[:200],
    )
    _write_lines(pk, credits)
    return CreditNote.objects.create(
        pk=pk,
        number=number,
        bill=bill,
        account=bill.account,
        entry=entry,
        form_key=form_key,
        issued_by=by.user,
        issued_at=now,
        issued_on=now.astimezone(ZoneInfo(settings.BILLING_TIME_ZONE)).date(),
        reason=reason,
        currency=bill.currency,
        total_cents=total,
        **_printed(bill),
    )


def _sides(credits: Credits, total: int) -> list[tuple[Book, int]]:
    """Take from the taxes to be passed on what is given back of taxes."""
    tax = sum(cents for billed, cents in credits if getattr(billed, "kind", "") == Tax.Kind.TAX)
    sides = [(Book.CREDIT_NOTES, total - tax), (Book.TAX, tax), (Book.RECEIVABLE, -total)]
    return [side for side in sides if side[1]]


def _printed(bill: Bill) -> dict[str, object]:
    """Return what the note copies, so that it prints the same for ever."""
    return {
        "billing_zone": settings.BILLING_TIME_ZONE,
        "account_number": bill.account_number,
        "account_name": bill.account.name,
        "account_address": bill.account.address_lines,
        "operator_name": settings.OPERATOR_NAME,
        "operator_address": settings.OPERATOR_ADDRESS,
        "operator_contact": [settings.OPERATOR_PHONE, settings.OPERATOR_EMAIL],
    }


def _write_lines(note_pk: int, credits: Credits) -> None:
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(note_id=note_pk, position=position, amount_cents=cents, **_named_by(billed))
        for position, (billed, cents) in enumerate(credits, start=1)
    )


def _named_by(billed: BillLine | BillCharge) -> dict[str, object]:
    """Return what a line of the note copies of what was billed."""
    if isinstance(billed, BillCharge):
        return {"charge": billed, "name": billed.name, "billed_cents": billed.amount_cents}
    return {
        "bill_line": billed,
        "name": billed.conference_name,
        "started_at": billed.started_at,
        "minutes": billed.minutes,
        "billed_cents": billed.cost_cents,
    }


def _next_pk() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('billing_creditnote', 'id'))")
        return cursor.fetchone()[0]


def _tell(note: CreditNote, *, by: Actor, now: dt.datetime) -> None:
    """Write the note into the audit log, and to everybody who reads the account's bills."""
    record(
        "issued",
        note,
        by=by,
        now=now,
        account=note.account,
        after={"bill": note.bill.label, "total": note.total, "reason": note.reason},
    )
    for reader in User.objects.entitled_to_bills().filter(account=note.account_id):
        tell(reader, "credit_note", key=f"{note.pk}:{reader.pk}", now=now, facts={"note": note.pk})
