"""Rating in SQL equals the plain Decimal reference to the cent, whatever the calls and rates."""

import datetime as dt
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.periods import Month
from billing import rating
from billing.models import AccountPlan, BilledLeg, BillLine, Rate, RatePlan
from billing.services.issue import issue_bill, opens_at
from conferences.models import AccessType, CallFile, Conference, Leg, Session
from tests import make
from tests.billing.reference import Call, Dated, ReferenceLine, Tariff, reference_lines

MARCH = Month(2026, 3, "America/New_York")
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


def rolled_back(proof):
    """Let each example of `proof` leave nothing behind, and count its days in its own zone."""

    def example(world):
        with override_settings(BILLING_TIME_ZONE=world.zone), transaction.atomic():
            proof(world)
            transaction.set_rollback(True)

    example.__name__ = proof.__name__
    return example


def as_reference(lines, sessions):
    """Put lines of the product, in any order, as the reference writes them."""
    keys = {session.pk: key for key, session in enumerate(sessions)}
    return by_session(
        ReferenceLine(
            session=keys[line.session_id],
            rate=line.rate_per_minute,
            access_types=tuple(line.access_types),
            participants=line.participants,
            minutes=line.minutes,
            cost_cents=line.cost_cents,
        )
        for line in lines
    )


def by_session(lines):
    return sorted(lines, key=lambda line: (line.session, str(line.rate and line.rate.normalize())))


def expected_lines(world, *, until):
    tariff = Tariff(world.plans, world.plan_rates, world.own_rates)
    return by_session(reference_lines(world.calls, tariff, zone=world.zone, until=until))


@pytest.mark.django_db
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
@rolled_back
def test_unbilled_lines_equal_the_reference(world):
    account, sessions = save(world)

    lines = rating.unbilled_lines(account, until=world.until)

    assert as_reference(lines, sessions) == expected_lines(world, until=world.until)
    assert [line.position for line in lines] == list(range(1, len(lines) + 1))
    names = [name for name, _ in groupby(line.conference_name for line in lines)]
    assert len(names) == len(set(names))


@pytest.mark.django_db
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds(priced=True))
@rolled_back
def test_frozen_lines_are_the_unbilled_ones_and_take_their_legs(world):
    account, sessions = save(world)
    expected = expected_lines(world, until=world.until)

    charges = rating.freeze_lines(account, until=world.until, bill_pk=1)

    assert as_reference(BillLine.objects.order_by("pk"), sessions) == expected
    assert charges == sum(line.cost_cents for line in expected)
    assert rating.unbilled_lines(account, until=world.until) == []
    taken = BilledLeg.objects.values_list(
        "leg__session", "leg__access_type", "line__session", "line__access_types"
    )
    assert len(taken) == sum(line.participants for line in expected)
    assert all(mine == its and kind in kinds for mine, kind, its, kinds in taken)


@pytest.mark.django_db
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
@rolled_back
def test_a_bill_is_refused_exactly_where_the_reference_finds_no_rate(world):
    account, _ = save(world)
    unpriced = any(line.rate is None for line in expected_lines(world, until=world.until))

    with pytest.raises(rating.MissingRate) if unpriced else nullcontext():
        rating.freeze_lines(account, until=world.until, bill_pk=1)

    assert unpriced <= (not BillLine.objects.exists())


def priced(account):
    """Unbilled lines of all time as (access types, participants, minutes, cost)."""
    lines = rating.unbilled_lines(account, until=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    return [(line.access_types, line.participants, line.minutes, line.cost_cents) for line in lines]


def test_access_types_at_one_rate_share_a_line(db):
    account = make.account(plan=make.rate_plan(toll_free="0.05", local="0.05", out_dial="0.06"))
    conference = make.conference(account=account)
    make.session(conference=conference, legs=[(60, "toll_free"), (60, "local"), (60, "out_dial")])

    assert priced(account) == [(["local", "toll_free"], 2, 2, 10), (["out_dial"], 1, 1, 6)]


def test_half_a_cent_of_the_whole_line_rounds_up_once(db):
    account = make.account(plan=make.rate_plan(local="0.005"))
    make.session(conference=make.conference(account=account), legs=[(60, "local")] * 3)

    assert priced(account) == [(["local"], 3, 3, 2)]


def test_caller_of_no_seconds_is_counted_and_costs_nothing(db):
    account = make.account(plan=make.rate_plan(local="1"))
    make.session(conference=make.conference(account=account), legs=[(0, "local")])

    assert priced(account) == [(["local"], 1, 0, 0)]


def test_late_leg_of_a_billed_session_is_rated_alone(account, conference):
    held = make.session(conference=conference, legs=[(60, "local")] * 2)
    issue_bill(account, MARCH, now=opens_at(MARCH))
    make.add_legs(held, (600, "local"))

    assert priced(account) == [(["local"], 1, 10, 29)]


def test_session_is_rated_by_its_end_in_the_billing_zone(db):
    plan = make.rate_plan(local="1", starts_on=dt.date(2026, 3, 1))
    Rate.objects.create(
        plan=plan, access_type="local", rate_per_minute=2, starts_on=dt.date(2026, 4, 1)
    )
    account = make.account(plan=plan)
    conference = make.conference(account=account)
    for ends_before_midnight in (1, 0):
        start = MARCH.end - dt.timedelta(seconds=60 + ends_before_midnight)
        make.session(conference=conference, started_at=start, legs=[(60, "local")])

    assert priced(account) == [(["local"], 1, 1, 100), (["local"], 1, 1, 200)]


def test_billing_code_of_the_session_comes_before_the_conferences(account):
    conference = make.conference(account=account, billing_code="sales")
    make.session(conference=conference)
    make.session(conference=conference, billing_code="board")

    lines = rating.unbilled_lines(account, until=MARCH.end)

    assert [line.billing_code for line in lines] == ["sales", "board"]
