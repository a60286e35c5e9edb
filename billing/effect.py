"""What a change of prices does to the bills of the running month, before it is made."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Account
from accounts.models.account import AccountQuerySet
from accounts.money import Money
from accounts.periods import Month
from billing.forecast import Forecast, forecast
from billing.models import (
    AccountPlan,
    LateFeeRule,
    Rate,
    RatePlan,
    RecurringFee,
    Tax,
    TaxExemption,
)
from billing.rating import Usage

#: What prices are read from.
PRICES = (RatePlan, Rate, AccountPlan, RecurringFee, Tax, TaxExemption, LateFeeRule)
#: How many accounts are named, of those that are touched.
NAMED = 10


@dataclass(frozen=True, slots=True)
class Shift:
    """What a bill, or the bills of all, would charge before a change and after it."""

    before: Money
    after: Money
    account: Account | None = None

    @property
    def difference(self) -> Money:
        return self.after - self.before


@dataclass(frozen=True)
class Effect:
    """A change of prices, seen in the bills of `month` as they would be with the calls so far.

    `shifts` are those of all accounts that it could touch; lines that have no rate cost nothing.
    """

    month: Month
    shifts: Sequence[Shift]
    unrated_before: int
    unrated_after: int

    @cached_property
    def touched(self) -> Sequence[Shift]:
        """The bills that change, the largest difference first."""
        changed = [shift for shift in self.shifts if shift.difference]
        return sorted(changed, key=lambda shift: -abs(shift.difference.cents))

    @property
    def largest(self) -> Sequence[Shift]:
        return self.touched[:NAMED]

    @property
    def totals(self) -> Sequence[Shift]:
        """The sums of all bills, one for each currency."""
        sums = defaultdict(lambda: [0, 0])
        for shift in self.shifts:
            sums[shift.before.currency][0] += shift.before.cents
            sums[shift.before.currency][1] += shift.after.cents
        return [
            Shift(Money(before, currency), Money(after, currency))
            for currency, (before, after) in sorted(sums.items())
        ]


def effect_of(change: Callable[[], None], accounts: AccountQuerySet, *, now: dt.datetime) -> Effect:
    """Work out what `change` does to the next bills of `accounts`; nothing of it stays.

    The bills are those of the month of the aware `now`, issued on the first of the next. The
    number of queries does not grow with the accounts.
    """
    month = Month.containing(now, settings.BILLING_TIME_ZONE)
    with transaction.atomic():
        before = _bills(accounts, month, now=now)
        change()
        after = _bills(accounts, month, now=now)
        transaction.set_rollback(True)
    return Effect(
        month=month,
        shifts=[_shift(pk, before, after) for pk in {**before, **after}],
        unrated_before=_unrated(before),
        unrated_after=_unrated(after),
    )


def state_of_prices() -> str:
    """Return a digest of all rules that prices are read from: another one, another state."""
    names = [connection.ops.quote_name(model._meta.db_table) for model in PRICES]
    rows = " UNION ALL ".join(
        f"SELECT md5(string_agg({name}::text, '|' ORDER BY id)) AS digest FROM {name}"
        for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(string_agg(coalesce(digest, '-'), '|')) FROM ({rows}) AS rules")
        return cursor.fetchone()[0]


Bills = Mapping[int, tuple[Account, Forecast]]


def _bills(accounts: AccountQuerySet, month: Month, *, now: dt.datetime) -> Bills:
    active = list(accounts.active_in(month).order_by("name", "number"))
    forecasts = forecast(active, month, until=now, on=month.next().first_day)
    return {account.pk: (account, forecasts[account.pk]) for account in active}


def _shift(pk: int, before: Bills, after: Bills) -> Shift:
    """Set both bills of an account side by side; it has none in a month without it."""
    account, _ = after.get(pk) or before[pk]
    nothing = account, Forecast(Usage(), [])
    return Shift(
        before=Money(before.get(pk, nothing)[1].cents, account.currency),
        after=Money(after.get(pk, nothing)[1].cents, account.currency),
        account=account,
    )


def _unrated(bills: Bills) -> int:
    return sum(expected.usage.unrated for _, expected in bills.values())
