"""A bill run rehearsed: what it would issue, and what differs most from last time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.models import Account
from accounts.money import Money
from accounts.periods import Month
from billing.charges import sum_of
from billing.forecast import Forecast, forecast
from billing.models import Bill, BillCharge, BillJob, BillRun
from billing.services import absurdity, runs

#: So many changes are shown.
LARGEST = 10


@dataclass(frozen=True, slots=True)
class Total:
    """What all bills in one currency would charge."""

    currency: str
    bills: int
    minutes: int
    calls_cents: int
    charges_cents: Mapping[str, int]
    total_cents: int
    last_time_cents: int


@dataclass(frozen=True, slots=True)
class Change:
    """What one account's bill would charge, beside its last bill; None where there was none."""

    account: Account
    before_cents: int | None
    after_cents: int

    @property
    def cents(self) -> int:
        return self.after_cents - (self.before_cents or 0)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run of `month` would do, with the calls that are known so far."""

    month: Month
    is_over: bool
    issued: int
    totals: Sequence[Total]
    held: Sequence[tuple[Account, str]]
    changes: Sequence[Change]


def next_to_run(now: dt.datetime) -> Month:
    """Return the month whose run is next: the last closed one, or the running one after its run."""
    closed = runs.last_closed_month(now)
    was_run = BillRun.objects.filter(year=closed.year, month_of_year=closed.month).exists()
    waits = BillJob.objects.waiting().exists()
    return closed.next() if was_run and not waits else closed


def rehearse(month: Month, *, now: dt.datetime) -> Rehearsal:
    """Reckon every bill of `month` that is not issued yet, by the code that will; write nothing.

    Of a month that is not over, fees are whole and calls are those so far. In sets: the number of
    queries does not grow with the accounts.
    """
    of_month = runs.accounts_of(month)
    issued = Bill.objects.filter(account__in=of_month, month_start=month.start).count()
    accounts = list(of_month.exclude(bills__month_start=month.start))
    until = min(month.end, now)
    issued_on = max(now.astimezone(ZoneInfo(month.zone)).date(), month.next().first_day)
    expected = forecast(accounts, month, until=until, on=issued_on)
    before = _last_charges(accounts)
    changes = [Change(one, before.get(one.pk), expected[one.pk].cents) for one in accounts]
    changes.sort(key=lambda change: (-abs(change.cents), change.account.number))
    return Rehearsal(
        month=month,
        is_over=now >= month.end,
        issued=issued,
        totals=_totals(accounts, expected, before),
        held=_held(accounts, expected, month),
        changes=[change for change in changes[:LARGEST] if change.cents],
    )


def _last_charges(accounts: Sequence[Account]) -> Mapping[int, int]:
    newest = Bill.objects.filter(account__in=accounts).order_by("account_id", "-number")
    bills = newest.distinct("account_id").values_list("account_id", "current_charges_cents")
    return dict(bills)


def _totals(
    accounts: Sequence[Account], expected: Mapping[int, Forecast], before: Mapping[int, int]
) -> list[Total]:
    by_currency: dict[str, list[Account]] = {}
    for account in accounts:
        by_currency.setdefault(account.currency, []).append(account)
    return [
        _total(
            currency, [expected[one.pk] for one in those], [before.get(one.pk, 0) for one in those]
        )
        for currency, those in sorted(by_currency.items())
    ]


def _total(currency: str, bills: Sequence[Forecast], before: Sequence[int]) -> Total:
    charges = [charge for bill in bills for charge in bill.charges]
    return Total(
        currency=currency,
        bills=len(bills),
        minutes=sum(bill.usage.minutes for bill in bills),
        calls_cents=sum(bill.usage.cost_cents for bill in bills),
        charges_cents={
            kind: sum_of(charge for charge in charges if charge.kind == kind)
            for kind in BillCharge.Kind.values
        },
        total_cents=sum(bill.cents for bill in bills),
        last_time_cents=sum(before),
    )


def _held(
    accounts: Sequence[Account], expected: Mapping[int, Forecast], month: Month
) -> list[tuple[Account, str]]:
    """List the accounts that would be held, each with the reason."""
    largest = absurdity.largest_lately(accounts)
    waiting = _waiting_before(month)
    held = []
    for account in accounts:
        bill = expected[account.pk]
        why = absurdity.reason(
            Money(bill.cents, account.currency),
            largest_cents=largest.get(account.pk),
        )
        if account.pk in waiting:
            why = "an earlier month is to be billed first"
        elif bill.usage.unrated:
            why = f"{bill.usage.unrated} of its lines have no rate"
        if why:
            held.append((account, why))
    return held


def _waiting_before(month: Month) -> set[int]:
    jobs = BillJob.objects.waiting().select_related("run")
    return {job.account_id for job in jobs if job.run.month < month}
