"""The bill run: which months and accounts are to be billed, and billing them one by one."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Account, AccountQuerySet
from accounts.periods import Month
from billing import rating
from billing.gateway import Gateway
from billing.models import Bill, BillJob, BillRun
from billing.services import ledger
from billing.services.absurdity import AbsurdBill, refuse_absurd
from billing.services.carrying_over import carry_over
from billing.services.issue import (
    EarlierMonthUnbilled,
    MonthStillOpen,
    issue_bill,
    opens_at,
    refuse_gap,
)
from conferences.models import Leg
from users.models import User

logger = logging.getLogger(__name__)

#: What holds one account's bill until staff or the next sweep has mended it.
HOLDING = (
    rating.MissingRate,
    EarlierMonthUnbilled,
    AbsurdBill,
    ledger.ReferenceTaken,
    DatabaseError,
)


class MonthBeforeTheBooks(Exception):
    """The month lies before the first one that this portal billed."""


def last_closed_month(now: dt.datetime) -> Month:
    """Return the latest month that may be billed at `now`."""
    month = Month.containing(now, settings.BILLING_TIME_ZONE).previous()
    return month if now >= opens_at(month) else month.previous()


def open_runs(month: Month, *, now: dt.datetime) -> list[BillRun]:
    """Open the run of `month`, and of every month since the last run, with a job per account.

    Opening again adds jobs only for accounts that came meanwhile.

    Raises MonthStillOpen, MonthBeforeTheBooks.
    """
    if now < opens_at(month):
        raise MonthStillOpen(f"{month} can be billed from {opens_at(month):%Y-%m-%d %H:%M} UTC")
    first = BillRun.objects.last()
    if first is not None and month < first.month:
        raise MonthBeforeTheBooks(f"the first month billed here is {first.month}")
    return [_open_run(one, now=now) for one in _months_up_to(month)]


def open_closed_runs(*, now: dt.datetime) -> list[BillRun]:
    """Open the runs of all closed months since the last one, as the timetable does.

    The first run ever is that of the month in which the first user came: earlier calls were
    billed elsewhere.
    """
    month = last_closed_month(now)
    if not BillRun.objects.exists():
        first_user = User.objects.exclude(account=None).order_by("added_at").first()
        if first_user is None or month < Month.containing(first_user.added_at, month.zone):
            return []
        open_runs(Month.containing(first_user.added_at, month.zone), now=now)
    return open_runs(month, now=now)


def issue_waiting(*, gateway: Gateway, now: dt.datetime) -> Iterator[BillJob]:
    """Try to bill every waiting job once; yield each as it then stands."""
    for pk in waiting_jobs():
        yield issue_job(pk, gateway=gateway, now=now)


def waiting_jobs() -> list[int]:
    """Return the waiting jobs, each account's in order of months, the least tried account first."""
    jobs = list(BillJob.objects.waiting().values_list("pk", "account", "tries"))
    tries_of_account: dict[int, int] = {}
    for _, account, tries in jobs:
        tries_of_account.setdefault(account, tries)
    return [pk for pk, *_ in sorted(jobs, key=lambda job: tries_of_account[job[1]])]


def issue_job(job_pk: int, *, gateway: Gateway, now: dt.datetime) -> BillJob:
    """Bill one account's month, or hold it with the reason; one bad account stops no other.

    The try is counted and committed first, so that an account which kills the process comes
    last at the next sweep.
    """
    BillJob.objects.filter(pk=job_pk, bill=None).update(tries=F("tries") + 1, tried_at=now)
    job = BillJob.objects.select_related("account", "run").get(pk=job_pk)
    if job.bill_id is not None:
        return job
    try:
        refuse_gap(job.account, job.run.month)
        rating.refuse_missing_rates(job.account, until=job.run.month.end)
        refuse_absurd(job, now=now)
        carry_over(job.account, gateway=gateway, now=now)
        _issue(job, now=now)
    except HOLDING as error:
        logger.warning("bill run %s, account %s: %s", job.run, job.account.number, error)
        job.held_because = str(error)
        job.save(update_fields=["held_because"])
    return job


@transaction.atomic
def _issue(job: BillJob, *, now: dt.datetime) -> Bill:
    job.bill = issue_bill(job.account, job.run.month, now=now)
    job.held_because = ""
    job.save(update_fields=["bill", "held_because"])
    return job.bill


def _months_up_to(month: Month) -> list[Month]:
    newest = BillRun.objects.first()
    one = min(newest.month, month) if newest else month
    months = [one]
    while one < month:
        one = one.next()
        months.append(one)
    return months


@transaction.atomic
def _open_run(month: Month, *, now: dt.datetime) -> BillRun:
    run, _ = BillRun.objects.get_or_create(
        year=month.year,
        month_of_year=month.month,
        defaults={"billing_zone": month.zone, "opened_at": now},
    )
    BillJob.objects.bulk_create(
        (BillJob(run=run, account=account) for account in accounts_of(month)),
        ignore_conflicts=True,
    )
    return run


def accounts_of(month: Month) -> AccountQuerySet:
    """Return the accounts that get a bill for `month`."""
    return (Account.objects.active_in(month) | _closed_with_calls(month)).distinct()


def _closed_with_calls(month: Month) -> AccountQuerySet:
    """Return the accounts closed before `month` of which calls are still to be billed."""
    unbilled = Leg.objects.filter(
        billed=None,
        session__ended_at__lt=month.end,
        session__conference__account=OuterRef("pk"),
    ).filter(
        Q(session__conference__account__billed_from=None)
        | Q(session__ended_at__date__gte=F("session__conference__account__billed_from"))
    )
    closed = Account.objects.filter(closed_on__lt=month.first_day)
    return Account.objects.filter(pk__in=closed.filter(Exists(unbilled)).values("pk"))
