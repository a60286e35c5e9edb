"""Small worlds of calls and prices, drawn by Hypothesis around every border that rating knows."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from billing.models import AccountPlan, Rate, RatePlan
from conferences.models import AccessType, CallFile, Conference, Leg, Session
from tests import make
from tests.billing.reference import Call, Dated

#: First days of months, two of them beside a change of clocks.
BORDERS = [dt.date(2026, 3, 1), dt.date(2026, 4, 1), dt.date(2026, 11, 1), dt.date(2026, 11, 2)]
ZONES = ["America/New_York", "UTC", "Asia/Kathmandu", "Pacific/Auckland"]
#: Rates that meet half cents, share a price, cost nothing, or use all six decimals.
TRICKY_RATES = ["0", "0.005", "0.015", "0.0025", "0.049", "0.1", "0.333333", "12.345678"]

rates = st.one_of(
    st.sampled_from(TRICKY_RATES).map(Decimal),
    st.integers(0, 2_000_000).map(lambda millionths: Decimal(millionths).scaleb(-6)),
)
seconds = st.one_of(st.sampled_from([0, 1, 59, 60, 61, 120, 3600, 86400]), st.integers(0, 86400))
legs = st.lists(st.tuples(seconds, st.sampled_from(AccessType.values)), min_size=1, max_size=5)
days = st.builds(
    lambda border, shift: border + dt.timedelta(days=shift),
    st.sampled_from(BORDERS),
    st.integers(-2, 2),
)
since_long_ago = st.just(dt.date(2020, 1, 1))
#: Offsets from a midnight of the billing zone, in seconds: right at it, or around it.
offsets = st.one_of(st.integers(-2, 2), st.integers(-40 * 3600, 40 * 3600))


@dataclass
class World:
    """One account's calls and prices, still outside the database."""

    zone: str
    until: dt.datetime
    plans: Dated
    plan_rates: dict
    own_rates: dict
    calls: list[Call]


def midnight(day, zone):
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)


@st.composite
def worlds(draw, priced=False):
    """Draw a world of up to 3 conferences; where `priced`, every access type has its rate."""
    zone = draw(st.sampled_from(ZONES))
    a_rate = st.sampled_from(draw(st.lists(rates, min_size=1, max_size=3)))
    first = since_long_ago if priced else st.one_of(since_long_ago, days)

    def dated(values):
        return Dated({draw(first): draw(values), **draw(st.dictionaries(days, values, max_size=2))})

    types = AccessType.values if priced else draw(st.sets(st.sampled_from(AccessType.values)))
    plans = range(draw(st.integers(1, 2)))
    own = st.tuples(st.integers(0, 2), st.sampled_from(AccessType.values))
    return World(
        zone=zone,
        until=midnight(draw(days), zone) + dt.timedelta(seconds=draw(offsets)),
        plans=dated(st.sampled_from(plans)),
        plan_rates={(plan, kind): dated(a_rate) for plan in plans for kind in sorted(types)},
        own_rates={key: dated(a_rate) for key in sorted(draw(st.sets(own, max_size=2)))},
        calls=[draw(calls(key, zone)) for key in range(draw(st.integers(0, 10)))],
    )


@st.composite
def calls(draw, key, zone):
    ended_at = midnight(draw(days), zone) + dt.timedelta(seconds=draw(offsets))
    joined = draw(legs)
    return Call(
        key=key,
        conference=draw(st.integers(0, 2)),
        started_at=ended_at - dt.timedelta(seconds=max(length for length, _ in joined)),
        ended_at=ended_at,
        legs=joined,
    )


def save(world):
    """Write `world` to the database; return its account and sessions, those in order of keys."""
    account = make.account()
    names = ["Weekly", "weekly", "Weekly"]
    conferences = Conference.objects.bulk_create(
        Conference(account=account, name=name, number=f"9{place}", billing_code=f"code {place}")
        for place, name in enumerate(names)
    )
    save_prices(world, account, conferences)
    sessions = Session.objects.bulk_create(
        Session(
            conference=conferences[call.conference],
            bridge="bridge1",
            external_id=f"session {call.key}",
            started_at=call.started_at,
            ended_at=call.ended_at,
        )
        for call in world.calls
    )
    save_legs(world, sessions)
    return account, sessions


def save_prices(world, account, conferences):
    plans = RatePlan.objects.bulk_create(RatePlan(name=name) for name in ("One", "Two"))
    AccountPlan.objects.bulk_create(
        AccountPlan(account=account, plan=plans[plan], starts_on=day)
        for day, plan in world.plans.from_days.items()
    )
    owners = [
        *(({"plan": plans[plan]}, kind, dated) for (plan, kind), dated in world.plan_rates.items()),
        *(
            ({"conference": conferences[place]}, kind, dated)
            for (place, kind), dated in world.own_rates.items()
        ),
    ]
    Rate.objects.bulk_create(
        Rate(**owner, access_type=kind, rate_per_minute=rate, starts_on=day)
        for owner, kind, dated in owners
        for day, rate in dated.from_days.items()
    )


def save_legs(world, sessions):
    source = CallFile.objects.create(
        name="x.csv", sha256="0" * 64, received_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    Leg.objects.bulk_create(
        Leg(
            session=session,
            bridge="bridge1",
            external_id=f"{session.pk} {position}",
            joined_at=call.ended_at - dt.timedelta(seconds=length),
            left_at=call.ended_at,
            seconds=length,
            access_type=access_type,
            call_file=source,
            position=position,
        )
        for call, session in zip(world.calls, sessions, strict=True)
        for position, (length, access_type) in enumerate(call.legs)
    )
