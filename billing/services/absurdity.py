"""Bills too large to be true: they wait until staff have looked.

A bill is absurd if it charges over ten times the largest of the account's last three bills, and
over ABSURD_BILL_CENTS. A first bill has nothing to be compared with. Legs longer than a day need
no look here: they are quarantined, and the database refuses them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from accounts.actors import Actor
from accounts.models import Account
from accounts.money import Money
from accounts.services.audit import record
from billing.forecast import Forecast, forecast
from billing.models import Bill, BillJob

TIMES = 10
BILLS_COMPARED = 3


class AbsurdBill(Exception):
    """A bill is too large to be true; its message says why."""


class ForecastChanged(Exception):
    """The bill would charge more by now than what was seen."""


def refuse_absurd(job: BillJob, *, now: dt.datetime) -> None:
    """Raises AbsurdBill, unless staff have allowed as much as the bill would charge."""
    expected = expected_of(job, now=now)
    if job.allowed_cents is not None and expected.cents <= job.allowed_cents:
        return
    account = job.account
    why = reason(
        Money(expected.cents, account.currency),
        largest_cents=largest_lately([account]).get(account.pk),
    )
    if why:
        raise AbsurdBill(why)


def expected_of(job: BillJob, *, now: dt.datetime) -> Forecast:
    """Return what the job's bill would charge if it were issued now."""
    month = job.run.month
    on = now.astimezone(ZoneInfo(month.zone)).date()
    return forecast([job.account], month, until=month.end, on=on)[job.account_id]


def allow(job: BillJob, *, cents: int, why: str, by: Actor, now: dt.datetime) -> None:
    """Let the job's bill be issued with charges up to `cents`, which `by` has seen.

    Raises ForecastChanged where it would charge more.
    """
    if expected_of(job, now=now).cents > cents:
        raise ForecastChanged
    job.allowed_cents, job.allowed_by = cents, by.user
    job.save(update_fields=["allowed_cents", "allowed_by"])
    seen = {"charges up to": Money(cents, job.account.currency), "reason": why}
    record("allowed", job, by=by, now=now, account=job.account, after=seen)


def reason(charges: Money, *, largest_cents: int | None) -> str:
    """Say why a bill with such `charges` is absurd; empty where it is not."""
    if largest_cents is None or charges.cents <= settings.ABSURD_BILL_CENTS:
        return ""
    if charges.cents <= TIMES * largest_cents:
        return ""
    largest = Money(largest_cents, charges.currency)
    return (
        f"it would charge {charges}, over {TIMES} times the {largest} that was the largest"
        f" of the last {BILLS_COMPARED} bills"
    )


def largest_lately(accounts: Iterable[Account]) -> Mapping[int, int]:
    """Return the largest charges of each account's last bills, in cents by account key."""
    newest_first = Window(RowNumber(), partition_by="account_id", order_by=F("number").desc())
    bills = Bill.objects.filter(account__in=accounts).annotate(age=newest_first)
    lately = bills.filter(age__lte=BILLS_COMPARED).order_by()
    largest: dict[int, int] = {}
    for account_pk, cents in lately.values_list("account_id", "current_charges_cents"):
        largest[account_pk] = max(cents, largest.get(account_pk, 0))
    return largest
