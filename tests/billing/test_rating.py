"""Rating in SQL equals the plain Decimal reference to the cent, whatever the calls and rates."""

import datetime as dt
from contextlib import nullcontext
from itertools import groupby

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings

from accounts.periods import Month
from billing import rating
from billing.models import BilledLeg, BillLine, Rate
from billing.services.issue import issue_bill, opens_at
from tests import make
from tests.billing.reference import ReferenceLine, Tariff, reference_lines
from tests.billing.worlds import save, worlds
from tests.plugins.full import at_length
from tests.undoing import undone

MARCH = Month(2026, 3, "America/New_York")


def rolled_back(proof):
    """Let each example of `proof` leave nothing behind, and count its days in its own zone."""

    def example(world):
        with override_settings(BILLING_TIME_ZONE=world.zone), undone():
            proof(world)

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
@settings(
    max_examples=at_length(short=120, full=500),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
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
@settings(
    max_examples=at_length(short=50, full=200),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
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
@settings(
    max_examples=at_length(short=30, full=100),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
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
