"""Unbilled activity: what the next bill would say if it were issued now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account
from accounts.money import Money
from billing.detail import Detail, detail_of
from billing.rating import UnbilledLine, unbilled_lines


@dataclass(frozen=True, slots=True)
class Unbilled:
    """The sessions no bill has taken: `detail` of the rated ones, and those without a rate."""

    detail: Detail
    unrated: Sequence[UnbilledLine]
    charges: Money


def unbilled_activity(account: Account, *, now: dt.datetime) -> Unbilled:
    """Rate what `account` used up to the aware `now`, by the very code that will bill it."""
    lines = unbilled_lines(account, until=now)
    detail = detail_of(line for line in lines if line.cost_cents is not None)
    return Unbilled(
        detail=detail,
        unrated=[line for line in lines if line.cost_cents is None],
        charges=Money(detail.total.cost_cents, account.currency),
    )
