"""Credit notes: a mistake on a bill is mended beside it, by line and under a number of its own."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from accounts.actors import Actor
from accounts.services.audit import record
from accounts.services.letters import tell
from billing.models import (
    Bill,
    BillLine,
    Book,
    CreditNote,
    CreditNoteDocument,
    CreditNoteLine,
    CreditNoteNumber,
    JournalEntry,
)
from billing.models.credit_note import uncredited
from billing.services import ledger
from users.models import User


class NothingToCredit(Exception):
    """No line was given an amount."""


class CreditTooHigh(Exception):
    """More was to be given back of a line than is left of it."""

    def __init__(self, line: BillLine) -> None:
        super().__init__(str(line))
        self.line = line


@transaction.atomic
def issue_credit_note(
    bill: Bill,
    *,
    amounts: Mapping[int, int],
    reason: str,
    form_key: uuid.UUID,
    by: Actor,
    now: dt.datetime,
) -> CreditNote:
    """Give back `amounts`, cents by the key of a line of `bill`; return the credit note.

    It settles its own bill first; what is left is credit of the account. The same `form_key`
    again returns the note that stands. Raises NothingToCredit, CreditTooHigh.
    """
    account = ledger.lock(bill.account_id)
    known = CreditNote.objects.filter(form_key=form_key).first()
    if known is not None:
        return known
    lines = _lines_to_credit(bill, amounts)
    note = _freeze(bill, lines, amounts, reason=reason, form_key=form_key, by=by, now=now)
    unpaid = Bill.objects.with_unpaid().get(pk=bill.pk).unpaid_cents
    if unpaid > 0:
        ledger.settle(note.entry, bill=bill, amount_cents=min(unpaid, note.total_cents), now=now)
    ledger.apply_credit(account, now=now)
    CreditNoteDocument.objects.create(note=note)
    _tell(note, by=by, now=now)
    return note


def _lines_to_credit(bill: Bill, amounts: Mapping[int, int]) -> list[BillLine]:
    wanted = [pk for pk, cents in amounts.items() if cents > 0]
    lines = list(uncredited(bill.lines.filter(pk__in=wanted)).order_by("position"))
    if not lines:
        raise NothingToCredit
    for line in lines:
        if amounts[line.pk] > line.uncredited_cents:
            raise CreditTooHigh(line)
    return lines


def _freeze(
    bill: Bill,
    lines: list[BillLine],
    amounts: Mapping[int, int],
    *,
    reason: str,
    form_key: uuid.UUID,
    by: Actor,
    now: dt.datetime,
) -> CreditNote:
    """Write lines, ledger entry and note, in this order: no line joins a note that is there."""
    pk = _next_pk()
    total = sum(amounts[line.pk] for line in lines)
    number = ledger.next_number(CreditNoteNumber)
    entry = ledger.book(
        bill.account,
        kind=JournalEntry.Kind.CREDIT_NOTE,
        reference=f"credit-note:C{number:06}",
        now=now,
        sides=[(Book.CREDIT_NOTES, total), (Book.RECEIVABLE, -total)],
        memo=reason[:200],
    )
    _write_lines(pk, lines, amounts)
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


def _write_lines(note_pk: int, lines: list[BillLine], amounts: Mapping[int, int]) -> None:
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(
            note_id=note_pk,
            position=position,
            bill_line=line,
            conference_name=line.conference_name,
            started_at=line.started_at,
            minutes=line.minutes,
            billed_cents=line.cost_cents,
            amount_cents=amounts[line.pk],
        )
        for position, line in enumerate(lines, start=1)
    )


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
