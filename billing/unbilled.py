"""Unbilled activity: what the next bill would say if it were issued now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.models import Account
from accounts.money import Money
from accounts.periods import Month
from billing.charges import charges_of, sum_of
from billing.detail import Detail, detail_of
from billing.models import BillCharge
from billing.rating import UnbilledLine, unbilled_lines
from billing.standing import billing_day


@dataclass(frozen=True, slots=True)
class Unbilled:
    """The sessions no bill has taken: `detail` of the rated ones, and those without a rate.

    `beside` is what the month's bill charges beside calls: fees as they stand for the whole month,
    percentages of the calls so far.
    """

    detail: Detail
    unrated: Sequence[UnbilledLine]
    beside: Sequence[BillCharge]
    currency: str

    @property
    def beside_cents(self) -> int:
        return sum_of(self.beside)

    @property
    def charges(self) -> Money:
        return Money(self.detail.total.cost_cents + self.beside_cents, self.currency)


def unbilled_activity(account: Account, *, now: dt.datetime) -> Unbilled:
    """Rate what `account` used up to the aware `now`, by the very code that will bill it."""
    lines = unbilled_lines(account, until=now)
    detail = detail_of(line for line in lines if line.cost_cents is not None)
    calls_cents = {account.pk: detail.total.cost_cents}
    month = next_month(account, now=now)
    beside = charges_of([account], month, calls_cents=calls_cents, on=billing_day(now))
    return Unbilled(
        detail=detail,
        unrated=[line for line in lines if line.cost_cents is None],
        beside=beside[account.pk],
        currency=account.currency,
    )


def next_month(account: Account, *, now: dt.datetime) -> Month:
    """Return the month that the next bill of `account` is for: the running one, or one that waits.

    An account that has no bill yet is billed first for the running month.
    """
    running = Month.containing(now, settings.BILLING_TIME_ZONE)
    last_bill = account.bills.order_by("number").last()
    return min(running, last_bill.month.next()) if last_bill else running
