"""Issuing: one account's month becomes its frozen bill, with the work that follows as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Account, Terms
from accounts.periods import Month
from billing import rating
from billing.charges import charges_of, sum_of
from billing.models import Bill, BillCharge, BillDocument, BillJob, StoredCard, Tax
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
    """Write lines, charges, ledger entry and bill; the number is drawn late: its lock is shared."""
    today = now.astimezone(ZoneInfo(month.zone)).date()
    bill_pk = _next_bill_pk()
    calls_cents = rating.freeze_lines(account, until=month.end, bill_pk=bill_pk)
    charges = _freeze_charges(bill_pk, account, month, calls_cents=calls_cents, on=today)
    current_cents = calls_cents + sum_of(charges)
    statement = statement_of(account, current_charges_cents=current_cents, on=today)
    number = ledger.next_bill_number()
    ledger.book_charges(
        account,
        bill_number=number,
        amount_cents=current_cents,
        tax_cents=sum_of(charge for charge in charges if charge.kind == Tax.Kind.TAX),
        now=now,
    )
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
        last_entry_pk=ledger.last_entry_pk(account),
        **_printed(account),
        **statement.amounts(),
    )


def _printed(account: Account) -> dict[str, object]:
    """Return what the bill copies, so that it prints the same for ever."""
    card = StoredCard.objects.filter(account=account).first()
    return {
        "terms": account.terms,
        "currency": account.currency,
        "account_number": account.number,
        "account_name": account.name,
        "account_address": account.address_lines,
        "account_country": account.country.code,
        "card_label": card.label if card and account.terms == Terms.CARD else "",
        "operator_name": settings.OPERATOR_NAME,
        "operator_address": settings.OPERATOR_ADDRESS,
        "operator_contact": [settings.OPERATOR_PHONE, settings.OPERATOR_EMAIL],
        "operator_country": settings.OPERATOR_COUNTRY,
        "operator_registration": settings.OPERATOR_REGISTRATION,
    }


def _freeze_charges(
    bill_pk: int, account: Account, month: Month, *, calls_cents: int, on: dt.date
) -> Sequence[BillCharge]:
    """Write what is charged beside calls; of the bill to come, as the lines are."""
    charges = charges_of([account], month, calls_cents={account.pk: calls_cents}, on=on)
    for charge in charges[account.pk]:
        charge.bill_id = bill_pk
    return BillCharge.objects.bulk_create(charges[account.pk])


def _time_to_pay(account: Account) -> dt.timedelta:
    return dt.timedelta(days=settings.CHECK_TERMS_DAYS if account.terms == Terms.CHECK else 0)


def _next_bill_pk() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('billing_bill', 'id'))")
        return cursor.fetchone()[0]
