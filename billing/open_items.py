"""What an account still owes, item by item: its bills, and the debits that stand beside them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import Account
from billing.models import Bill, JournalEntry
from billing.standing import billing_day


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One bill that is not paid, or one debit beside the bills, such as a refund."""

    unpaid_cents: int
    due_on: dt.date
    bill: Bill | None = None
    debit: JournalEntry | None = None

    @property
    def key(self) -> str:
        """How forms name it."""
        return f"bill-{self.bill.pk}" if self.bill else f"debit-{self.debit.pk}"

    def __str__(self) -> str:
        return self.bill.label if self.bill else self.debit.reference


def open_items(account: Account) -> list[OpenItem]:
    """List what `account` owes, in the order in which money settles it by itself."""
    bills = account.bills.unpaid().order_by("number")
    debits = JournalEntry.objects.filter(account=account).open_debits()
    return [
        *(OpenItem(bill.unpaid_cents, bill.due_on, bill=bill) for bill in bills),
        *(
            OpenItem(debit.rest_cents, billing_day(debit.booked_at), debit=debit)
            for debit in debits
        ),
    ]
