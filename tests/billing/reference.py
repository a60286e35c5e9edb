"""Rating once more, in plain Python and Decimal, from the product's rules and not from its SQL.

Rules: minutes of a leg are its seconds rounded up to whole minutes. The rate in force on the day
the session ended counts, the conference's own before that of the plan the account is on that day.
One line is one session at one rate; its cost is minutes times rate, rounded once, half up.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo


@dataclass
class Dated:
    """Values that each count from a day on."""

    from_days: dict[dt.date, object] = field(default_factory=dict)

    def on(self, day):
        """Return the value in force on `day`, None before the first."""
        begun = [start for start in self.from_days if start <= day]
        return self.from_days[max(begun)] if begun else None


@dataclass
class Tariff:
    """All that prices one account: its plans by date, their rates, and conferences' own rates."""

    plans: Dated
    plan_rates: dict[tuple[object, str], Dated]
    own_rates: dict[tuple[object, str], Dated]

    def rate(self, conference, access_type, day):
        """Return the rate per minute, None where there is none."""
        own = self.own_rates.get((conference, access_type), Dated()).on(day)
        if own is not None:
            return own
        return self.plan_rates.get((self.plans.on(day), access_type), Dated()).on(day)


@dataclass
class Call:
    """A held session: `legs` are (seconds, access type)."""

    key: object
    conference: object
    started_at: dt.datetime
    ended_at: dt.datetime
    legs: list[tuple[int, str]]


@dataclass(frozen=True)
class ReferenceLine:
    """One session at one rate; rate and cost are None where the rate is missing."""

    session: object
    rate: Decimal | None
    access_types: tuple[str, ...]
    participants: int
    minutes: int
    cost_cents: int | None


def reference_lines(calls, tariff, *, zone, until):
    """Rate the calls that ended before `until`; `zone` decides on which day a call ended."""
    lines = []
    for call in calls:
        if call.ended_at >= until:
            continue
        day = call.ended_at.astimezone(ZoneInfo(zone)).date()
        by_rate = {}
        for seconds, access_type in call.legs:
            rate = tariff.rate(call.conference, access_type, day)
            by_rate.setdefault(rate, []).append((seconds, access_type))
        lines += [line_of(call, rate, legs) for rate, legs in by_rate.items()]
    return lines


def line_of(call, rate, legs):
    """Sum up the legs of one call that share a rate."""
    minutes = sum(minutes_of(seconds) for seconds, _ in legs)
    return ReferenceLine(
        session=call.key,
        rate=rate,
        access_types=tuple(sorted({access_type for _, access_type in legs})),
        participants=len(legs),
        minutes=minutes,
        cost_cents=None if rate is None else cents_of(minutes * rate),
    )


def minutes_of(seconds):
    return int((Decimal(seconds) / 60).to_integral_value(rounding=ROUND_CEILING))


def cents_of(dollars):
    return int(dollars.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP).scaleb(2))
