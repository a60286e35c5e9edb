"""Issuing: one account's month becomes its frozen bill, with the work that follows as rows."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Account, Terms
from accounts.periods import Month
from billing import rating
from billing.models import Bill, BillDocument, BillJob, StoredCard
from billing.services import collect, delivery, ledger
from billing.statement import statement_of


class MonthStillOpen(Exception):
    """The month, or the grace for its late call records, has not ended yet."""


class EarlierMonthUnbilled(Exception):
    """An earlier month of the account waits to be billed; months are billed in order."""


def opens_at(month: Month) -> dt.datetime:
    """Return the instant from which `month` may be billed: its end plus the grace."""
    return month.end + dt.timedelta(hours=settings.BILLING_GRACE_HOURS)


@transaction.atomic
def issue_bill(account: Account, month: Month, *, now: dt.datetime) -> Bill:
    """Freeze the account's usage up to the end of `month` into its bill, and return the bill.

    `month` is in the operator's billing zone; `now` is aware. Issuing twice returns the first
    bill unchanged. All of it happens or none: lines, ledger entry, number, and the rows of work
    that follow (PDF, e-bills, collection).

    Raises MonthStillOpen, EarlierMonthUnbilled, MissingRate.
    """
    if now < opens_at(month):
        raise MonthStillOpen(f"{month} can be billed from {opens_at(month):%Y-%m-%d %H:%M} UTC")
    account = ledger.lock(account.pk)
    issued = account.bills.filter(month_start=month.start).first()
    if issued is not None:
        return issued
    refuse_gap(account, month)
    bill = _freeze(account, month, now=now)
    ledger.apply_credit(account, now=now)
    BillDocument.objects.create(bill=bill)
    delivery.queue_deliveries(bill, now=now)
    collect.open_collection(bill, now=now)
    return bill


def refuse_gap(account: Account, month: Month) -> None:
    """Raises EarlierMonthUnbilled where an earlier month of the account waits to be billed."""
    earlier = BillJob.objects.waiting().filter(account=account).select_related("run")
    for job in earlier:
        if job.run.month < month:
            raise EarlierMonthUnbilled(f"{job.run.month} is to be billed first")


def _freeze(account: Account, month: Month, *, now: dt.datetime) -> Bill:
    """Write lines, ledger entry and bill; the number is drawn late, since its lock is shared."""
    today = now.astimezone(ZoneInfo(month.zone)).date()
    bill_pk = _next_bill_pk()
    charges = rating.freeze_lines(account, until=month.end, bill_pk=bill_pk)
    statement = statement_of(account, current_charges_cents=charges, on=today)
    card = StoredCard.objects.filter(account=account).first()
    number = ledger.next_bill_number()
    ledger.book_charges(account, bill_number=number, amount_cents=charges, now=now)
    return Bill.objects.create(
        pk=bill_pk,
        number=number,
        account=account,
        month_start=month.start,
        month_end=month.end,
        billing_zone=month.zone,
        issued_at=now,
        issued_on=today,
        due_on=today + _time_to_pay(account),
        terms=account.terms,
        currency=account.currency,
        account_number=account.number,
        account_name=account.name,
        account_address=account.address_lines,
        card_label=card.label if card and account.terms == Terms.CARD else "",
        operator_name=settings.OPERATOR_NAME,
        operator_address=settings.OPERATOR_ADDRESS,
        operator_contact=[settings.OPERATOR_PHONE, settings.OPERATOR_EMAIL],
        last_bill_cents=statement.last_bill_cents,
        paid_cents=statement.paid_cents,
        corrected_cents=statement.corrected_cents,
        overdue_cents=statement.overdue_cents,
        not_yet_due_cents=statement.not_yet_due_cents,
        credits_cents=statement.credits_cents,
        current_charges_cents=charges,
        amount_due_cents=statement.amount_due_cents,
        last_entry_pk=ledger.last_entry_pk(account),
    )


def _time_to_pay(account: Account) -> dt.timedelta:
    return dt.timedelta(days=settings.CHECK_TERMS_DAYS if account.terms == Terms.CHECK else 0)


def _next_bill_pk() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('billing_bill', 'id'))")
        return cursor.fetchone()[0]
