"""What an account is charged for paying late. Only reckoned here; nothing books or bills it yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounts.money import cost_in_cents


@dataclass(frozen=True, slots=True)
class LateFeeRule:
    """From `starts_on` on: a percentage of what is overdue beyond the grace, plus a fixed sum.

    Where less than `least_cents` is overdue, nothing is charged.
    """

    starts_on: dt.date
    percent: Decimal = Decimal(0)
    fixed_cents: int = 0
    grace_days: int = 0
    least_cents: int = 1


def late_fee_cents(
    open_items: Iterable[tuple[dt.date, int]], rule: LateFeeRule, *, on: dt.date
) -> int:
    """Return the fee on the day `on` for `open_items`, (due date, unpaid cents) each.

    What fell due before the rule began is free of it. The percentage is of the sum, rounded once.
    """
    late_since = on - dt.timedelta(days=rule.grace_days)
    overdue = sum(cents for due_on, cents in open_items if rule.starts_on <= due_on < late_since)
    if overdue < max(rule.least_cents, 1):
        return 0
    # A percent of cents, rounded as minutes by a rate are: half up, to the cent.
    return cost_in_cents(overdue, rule.percent / 10_000) + rule.fixed_cents
