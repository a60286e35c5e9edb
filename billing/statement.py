"""What a bill says above its detail: the last bill, paid since, overdue, current, due."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Account
from billing.models import JournalEntry
from billing.services import ledger


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement block, in cents; `amount_due_cents` is negative where credit is left over."""

    last_bill_cents: int
    paid_cents: int
    corrected_cents: int
    overdue_cents: int
    not_yet_due_cents: int
    credits_cents: int
    current_charges_cents: int

    @property
    def amount_due_cents(self) -> int:
        unpaid = self.overdue_cents + self.not_yet_due_cents
        return unpaid - self.credits_cents + self.current_charges_cents

    def amounts(self) -> dict[str, int]:
        """Return all of them by the names that a bill has for them."""
        return {**asdict(self), "amount_due_cents": self.amount_due_cents}


def statement_of(account: Account, *, current_charges_cents: int, on: dt.date) -> Statement:
    """Draw up the statement from the books as they stand, before the current charges are booked.

    `on` is the day of the billing zone that decides what is overdue.
    """
    unpaid = open_items(account)
    overdue = sum(cents for due_on, cents in unpaid if due_on < on)
    not_yet_due = sum(cents for due_on, cents in unpaid if due_on >= on)
    last_bill = account.bills.order_by("number").last()
    since = last_bill.last_entry_pk if last_bill else 0
    return Statement(
        last_bill_cents=last_bill.amount_due_cents if last_bill else 0,
        paid_cents=ledger.paid_after(account, since),
        corrected_cents=ledger.corrected_after(account, since),
        overdue_cents=overdue,
        not_yet_due_cents=not_yet_due,
        credits_cents=overdue + not_yet_due - ledger.balance_cents(account),
        current_charges_cents=current_charges_cents,
    )


def open_items(account: Account) -> list[tuple[dt.date, int]]:
    """List what the account has not paid as (due date, cents): bills, and debits beside them.

    A debit beside a bill, such as a bounced check, is due on the day it was booked.
    """
    bills = [(bill.due_on, bill.unpaid_cents) for bill in account.bills.unpaid()]
    zone = ZoneInfo(settings.BILLING_TIME_ZONE)
    debits = JournalEntry.objects.filter(account=account).open_debits()
    return bills + [(debit.booked_at.astimezone(zone).date(), debit.rest_cents) for debit in debits]
