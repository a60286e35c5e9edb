"""The detail of a bill: its lines grouped by conference name, with sub-totals. Integer sums only.

One shape for the page, the PDF, the exports and the unbilled activity.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Protocol


class Line(Protocol):
    """What is printed of one session at one rate; BillLine and rating.UnbilledLine are such."""

    conference_name: str
    billing_code: str
    started_at: dt.datetime
    access_types: Sequence[str]
    participants: int
    minutes: int
    rate_per_minute: Decimal
    cost_cents: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over lines."""

    participants: int
    minutes: int
    cost_cents: int

    @classmethod
    def of(cls, parts: Iterable[Line | Totals]) -> Totals:
        sums = [0, 0, 0]
        for part in parts:
            sums[0] += part.participants
            sums[1] += part.minutes
            sums[2] += part.cost_cents
        return cls(*sums)


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one conference name, with their sub-total."""

    conference_name: str
    lines: Sequence[Line]
    subtotal: Totals


@dataclass(frozen=True, slots=True)
class Detail:
    """All groups in the order they are printed, with the total of their sub-totals."""

    groups: Sequence[Group]
    total: Totals


def detail_of(lines: Iterable[Line]) -> Detail:
    """Group `lines`, which come ordered by conference name, as bills keep them."""
    groups = []
    for name, members in groupby(lines, key=attrgetter("conference_name")):
        members = list(members)
        groups.append(Group(name, members, Totals.of(members)))
    return Detail(groups, Totals.of(group.subtotal for group in groups))
