"""Why one bill differs from another: the difference, reason by reason, in cents that add up to it.

A conference's calls cost: calls x people per call x minutes per person x price of a minute. From
the earlier bill to the later one these change one after the other, and each reason is what its own
change does to the cost, those before it having changed already. The price of a minute changes in
two steps: first how people call in (their minutes at the earlier rates), then the rates. All steps
are reckoned exactly and rounded as running sums, so that the reasons add up to the cent; what the
bills themselves rounded, line by line, is a reason of its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.db import models
from django.db.models import Count, F, Max, Sum
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, BillLine


class Reason(models.TextChoices):
    """Why a bill costs more or less than another."""

    NEW = "new", _("Conferences called in the later month only")
    ENDED = "ended", _("Conferences called in the earlier month only")
    CALLS = "calls", _("Number of calls")
    PEOPLE = "people", _("People per call")
    LENGTH = "length", _("Minutes per person")
    WAYS = "ways", _("Ways of calling in")
    RATES = "rates", _("Rates per minute")
    ROUNDING = "rounding", _("Rounding of each line to whole cents")
    FEES = "fees", _("Fees, taxes and surcharges")


#: What a reason means where it makes one conference dearer, and cheaper.
IN_WORDS = {
    Reason.NEW: (_("called this time"), _("called this time")),
    Reason.ENDED: (_("no calls"), _("no calls")),
    Reason.CALLS: (_("more calls"), _("fewer calls")),
    Reason.PEOPLE: (_("more people per call"), _("fewer people per call")),
    Reason.LENGTH: (_("people stayed longer"), _("people stayed shorter")),
    Reason.WAYS: (_("dearer ways of calling in"), _("cheaper ways of calling in")),
    Reason.RATES: (_("higher rates"), _("lower rates")),
    Reason.ROUNDING: (_("rounding"), _("rounding")),
}

#: Access types that share a rate, as lines name them.
Kinds = frozenset[str]


@dataclass(frozen=True, slots=True)
class Way:
    """What was used by one way of calling in: minutes, and their cost before any rounding."""

    minutes: int
    exact_cents: Fraction


@dataclass(frozen=True, slots=True)
class Usage:
    """What one conference, or all of them, was used on one bill."""

    calls: int = 0
    participants: int = 0
    minutes: int = 0
    cost_cents: int = 0
    ways: Mapping[Kinds, Way] = field(default_factory=dict)

    @property
    def exact_cents(self) -> Fraction:
        return sum((way.exact_cents for way in self.ways.values()), Fraction(0))

    @property
    def people_per_call(self) -> float | None:
        return self.participants / self.calls if self.calls else None

    @property
    def minutes_per_person(self) -> float | None:
        return self.minutes / self.participants if self.participants else None

    @property
    def rate_per_minute(self) -> Decimal | None:
        """What a minute cost on average, in currency units to four decimals."""
        if not self.minutes:
            return None
        return (Decimal(self.cost_cents) / self.minutes / 100).quantize(Decimal("0.0001"))

    def price_of(self, kinds: Kinds) -> Fraction | None:
        """Return the cents a minute cost by one way of calling in, or by one that shares in it."""
        alike = [self.ways[kinds]] if kinds in self.ways else self._sharing(kinds)
        minutes = sum(way.minutes for way in alike)
        return sum(way.exact_cents for way in alike) / minutes if minutes else None

    def _sharing(self, kinds: Kinds) -> list[Way]:
        return [way for known, way in self.ways.items() if known & kinds]


@dataclass(frozen=True, slots=True)
class Row:
    """One conference on both bills; `reasons` add up to `change_cents`."""

    name: str
    before_cents: int
    after_cents: int
    reasons: Mapping[Reason, int]

    @property
    def change_cents(self) -> int:
        return self.after_cents - self.before_cents

    @property
    def main_reason(self) -> str:
        """What changed the cost most, in words; empty where nothing did."""
        reason, cents = largest(self.reasons)
        return IN_WORDS[reason][cents < 0] if cents else ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two bills beside each other; `reasons` add up to the difference of their charges."""

    before: Usage
    after: Usage
    rows: Sequence[Row]
    reasons: Mapping[Reason, int]
    change_cents: int

    @property
    def difference_cents(self) -> int:
        """The change without its sign."""
        return abs(self.change_cents)

    @property
    def main_reason(self) -> tuple[Reason, int]:
        return largest(self.reasons)


def compare(before: Bill, after: Bill) -> Comparison:
    """Explain how the current charges of `after` differ from those of `before`."""
    names = {}
    earlier, later = _usage_of(before, names), _usage_of(after, names)
    rows = [
        _row(names[pk], earlier.get(pk, Usage()), later.get(pk, Usage()))
        for pk in earlier.keys() | later.keys()
    ]
    whole = _total(earlier.values()), _total(later.values())
    change_cents = after.current_charges_cents - before.current_charges_cents
    reasons = Counter(dict.fromkeys(Reason, 0))
    for row in rows:
        reasons.update(row.reasons)
    reasons[Reason.FEES] = change_cents - (whole[1].cost_cents - whole[0].cost_cents)
    rows.sort(key=lambda row: (-abs(row.change_cents), row.name))
    return Comparison(*whole, rows, reasons, change_cents)


def reasons_of(before: Usage, after: Usage) -> dict[Reason, int]:
    """Part what one conference costs more into reasons, in cents that add up to the difference."""
    if not before.calls or not after.calls:
        reason = Reason.ENDED if before.calls else Reason.NEW
        return {reason: after.cost_cents - before.cost_cents}
    reasons, reached = {}, before.cost_cents
    for reason, exact_cents in _steps(before, after).items():
        cents = before.cost_cents + _half_up(exact_cents - before.exact_cents)
        reasons[reason] = cents - reached
        reached = cents
    reasons[Reason.ROUNDING] = after.cost_cents - reached
    return reasons


def largest(reasons: Mapping[Reason, int]) -> tuple[Reason, int]:
    """Return the reason that changes most, with its cents; the first of equals."""
    return max(reasons.items(), key=lambda reason: abs(reason[1]))


def _steps(before: Usage, after: Usage) -> dict[Reason, Fraction]:
    """Return what the earlier calls would have cost, exactly, after each change up to the last."""
    cost = before.exact_cents
    at_old_rates = sum(
        (
            way.exact_cents if (price := before.price_of(kinds)) is None else way.minutes * price
            for kinds, way in after.ways.items()
        ),
        Fraction(0),
    )
    # Who paid for no minute before had no price: whatever is paid now is for the time.
    longer = cost * after.minutes / before.minutes if before.minutes else at_old_rates
    return {
        Reason.CALLS: cost * after.calls / before.calls,
        Reason.PEOPLE: cost * after.participants / before.participants,
        Reason.LENGTH: longer,
        Reason.WAYS: at_old_rates,
        Reason.RATES: after.exact_cents,
    }


def _half_up(exact: Fraction) -> int:
    return math.floor(exact + Fraction(1, 2))


def _row(name: str, before: Usage, after: Usage) -> Row:
    return Row(name, before.cost_cents, after.cost_cents, reasons_of(before, after))


def _usage_of(bill: Bill, names: dict[int, str]) -> dict[int, Usage]:
    """Sum up the lines of `bill` by conference, in the database; note the names they print."""
    lines = BillLine.objects.filter(bill=bill).order_by()
    ways = lines.values("conference_id", "access_types").annotate(
        people=Sum("participants"),
        used=Sum("minutes"),
        exact=Sum(F("minutes") * F("rate_per_minute") * 100),
        cost=Sum("cost_cents"),
    )
    by_conference: dict[int, list[dict]] = {}
    for way in ways:
        by_conference.setdefault(way["conference_id"], []).append(way)
    calls = lines.values("conference_id").annotate(
        name=Max("conference_name"), calls=Count("session", distinct=True)
    )
    counted = {row["conference_id"]: row["calls"] for row in calls}
    names.update({row["conference_id"]: row["name"] for row in calls})
    return {pk: _usage(counted[pk], ways) for pk, ways in by_conference.items()}


def _usage(calls: int, ways: Sequence[dict]) -> Usage:
    return Usage(
        calls=calls,
        participants=sum(way["people"] for way in ways),
        minutes=sum(way["used"] for way in ways),
        cost_cents=sum(way["cost"] for way in ways),
        ways={
            frozenset(way["access_types"]): Way(way["used"], Fraction(way["exact"])) for way in ways
        },
    )


def _total(usages: Iterable[Usage]) -> Usage:
    usages = list(usages)
    return Usage(
        calls=sum(usage.calls for usage in usages),
        participants=sum(usage.participants for usage in usages),
        minutes=sum(usage.minutes for usage in usages),
        cost_cents=sum(usage.cost_cents for usage in usages),
    )
