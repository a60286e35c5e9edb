"""Late fees: staff may spare a bill the fee before it is charged; after that they credit it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record
from billing.models import Bill, BillCharge, LateFeeWaiver
from billing.services import ledger
from billing.standing import billing_day


class NotOverdue(Exception):
    """The bill is paid, or not due yet: there is no late fee to waive."""


class LateFeeCharged(Exception):
    """A bill has charged the late fee already; what is left is a credit note to it."""

    def __init__(self, charge: BillCharge) -> None:
        super().__init__(f"charged by bill {charge.bill}")
        self.charge = charge


@transaction.atomic
def waive(bill: Bill, *, reason: str, by: Actor, now: dt.datetime) -> LateFeeWaiver:
    """Let `bill` be paid late without a fee; waived already, the waiver that stands is returned.

    Under the account's lock, which issuing takes too: either the next bill charges the fee, or it
    is waived. Raises LateFeeCharged, NotOverdue.
    """
    ledger.lock(bill.account_id)
    known = LateFeeWaiver.objects.filter(bill=bill).first()
    if known is not None:
        return known
    refuse_waiver(bill, now=now)
    waiver = LateFeeWaiver.objects.create(
        bill=bill, reason=reason, waived_by=by.user, waived_at=now
    )
    record(
        "waived the late fee of", bill, by=by, now=now, account=bill.account,
        after={"reason": reason},
    )  # fmt: skip
    return waiver


def refuse_waiver(bill: Bill, *, now: dt.datetime) -> None:
    """Raises LateFeeCharged, NotOverdue where the late fee of `bill` cannot be waived."""
    charge = BillCharge.objects.filter(late_bill=bill).select_related("bill").first()
    if charge is not None:
        raise LateFeeCharged(charge)
    if bill.due_on >= billing_day(now) or not Bill.objects.unpaid().filter(pk=bill.pk).exists():
        raise NotOverdue
