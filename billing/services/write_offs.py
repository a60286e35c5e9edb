"""Write-offs: what nobody expects any more leaves the receivables, with a reason."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record
from billing.models import Bill, Book, JournalEntry, WriteOff
from billing.services import ledger
from billing.services.deciding import decide, decline, needs_second_person

State = WriteOff.State


class MoreThanUnpaid(Exception):
    """More was to be written off than is unpaid of the bill."""


@transaction.atomic
def ask_write_off(
    bill: Bill,
    *,
    amount_cents: int,
    reason: str,
    form_key: uuid.UUID,
    by: Actor,
    now: dt.datetime,
) -> WriteOff:
    """Ask to write off part of `bill`; within the limit it is booked at once.

    The same `form_key` again returns the request that stands. Raises MoreThanUnpaid.
    """
    account = ledger.lock(bill.account_id)
    known = WriteOff.objects.filter(form_key=form_key).first()
    if known is not None:
        return known
    if not 0 < amount_cents <= _unpaid_cents(bill):
        raise MoreThanUnpaid
    write_off = WriteOff.objects.create(
        account=account,
        bill=bill,
        amount_cents=amount_cents,
        currency=account.currency,
        reason=reason,
        form_key=form_key,
        asked_by=by.user,
        asked_at=now,
    )
    _record("asked for", write_off, by=by, now=now)
    if not needs_second_person(write_off, now=now):
        _book(write_off, now=now)
    return write_off


@transaction.atomic
def approve_write_off(write_off: WriteOff, *, by: Actor, now: dt.datetime) -> WriteOff:
    """Allow a write-off that somebody else asked for.

    Raises SamePerson, DecidedAlready, MoreThanUnpaid where less is unpaid by now.
    """
    write_off = _locked(write_off.pk)
    decide(write_off, by=by, now=now)
    if write_off.amount_cents > _unpaid_cents(write_off.bill):
        raise MoreThanUnpaid
    _book(write_off, now=now)
    _record("allowed", write_off, by=by, now=now)
    return write_off


@transaction.atomic
def decline_write_off(write_off: WriteOff, *, by: Actor, now: dt.datetime) -> WriteOff:
    """Do not allow a write-off; whoever asked may take it back so. Raises DecidedAlready."""
    write_off = _locked(write_off.pk)
    decline(write_off, by=by, now=now)
    _record("declined", write_off, by=by, now=now)
    return write_off


def _book(write_off: WriteOff, *, now: dt.datetime) -> None:
    cents = write_off.amount_cents
    write_off.entry = ledger.book(
        write_off.account,
        kind=JournalEntry.Kind.WRITE_OFF,
        reference=f"write-off:{write_off.form_key}",
        sides=[(Book.BAD_DEBT, cents), (Book.RECEIVABLE, -cents)],
        memo=write_off.reason[:200],
        now=now,
    )
    write_off.state = State.BOOKED
    write_off.save(update_fields=["entry", "state", "decided_by", "decided_at"])
    ledger.settle(write_off.entry, bill=write_off.bill, amount_cents=cents, now=now)


def _unpaid_cents(bill: Bill) -> int:
    return Bill.objects.with_unpaid().get(pk=bill.pk).unpaid_cents


def _locked(pk: int) -> WriteOff:
    """Lock the account, then the request: always in this order."""
    ledger.lock(WriteOff.objects.values_list("account_id", flat=True).get(pk=pk))
    rows = WriteOff.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("account", "bill").get(pk=pk)


def _record(verb: str, write_off: WriteOff, *, by: Actor, now: dt.datetime) -> None:
    record(
        verb,
        write_off,
        by=by,
        now=now,
        account=write_off.account,
        after={
            "amount": write_off.amount,
            "reason": write_off.reason,
            "state": write_off.state,
        },
    )
