"""Why a conference cost more or less: the reasons add up, and name what really changed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.comparison import Usage, Way, reasons_of


def usage(calls=4, people=8, minutes=80, *, rate=5, cost_cents=None):
    """What a conference was used, by one way of calling in at `rate` cents a minute."""
    exact = Fraction(minutes * rate)
    ways = {frozenset({"local"}): Way(minutes, exact)}
    return Usage(calls, people, minutes, int(exact) if cost_cents is None else cost_cents, ways)


def changed(before, after):
    """Return the reasons that change something."""
    return {reason.value: cents for reason, cents in reasons_of(before, after).items() if cents}


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (usage(calls=8, people=16, minutes=160), {"calls": 400}),
        (usage(calls=2, people=4, minutes=40), {"calls": -200}),
        (usage(people=16, minutes=160), {"people": 400}),
        (usage(minutes=100), {"length": 100}),
        (usage(rate=6), {"rates": 80}),
        (usage(cost_cents=403), {"rounding": 3}),
        (usage(calls=0, people=0, minutes=0), {"ended": -400}),
    ],
)
def test_what_changed_alone_is_the_only_reason(after, reason):
    assert changed(usage(), after) == reason


def test_new_conference_is_the_whole_reason():
    assert changed(Usage(), usage()) == {"new": 400}


def by_ways(**ways):
    """What four people of two calls used, 10 minutes each, by (minutes, rate in cents) of ways."""
    kinds = {
        frozenset(name.split("_and_")): Way(minutes, Fraction(minutes * rate))
        for name, (minutes, rate) in ways.items()
    }
    cost = sum(way.exact_cents for way in kinds.values())
    return Usage(2, 4, sum(way.minutes for way in kinds.values()), int(cost), kinds)


def test_dearer_ways_of_calling_in_are_no_change_of_rates():
    before = by_ways(local=(30, 3), toll_free=(10, 5))
    after = by_ways(local=(10, 3), toll_free=(30, 5))

    assert changed(before, after) == {"ways": 40}


def test_way_that_was_not_used_before_is_no_change_of_rates():
    assert changed(by_ways(local=(40, 3)), by_ways(local=(30, 3), international=(10, 9))) == {
        "ways": 60
    }


def test_ways_that_shared_a_rate_and_now_differ_are_a_change_of_rates():
    before = by_ways(local_and_toll=(40, 3))
    after = by_ways(local=(20, 3), toll=(20, 4))

    assert changed(before, after) == {"rates": 20}


def test_free_calls_that_come_to_cost_are_a_change_of_rates():
    assert changed(usage(rate=0), usage(rate=5)) == {"rates": 400}


def test_who_hung_up_at_once_and_now_stays_stays_longer():
    assert changed(usage(minutes=0), usage()) == {"length": 400}


KINDS = st.sets(st.sampled_from(["local", "toll_free", "out_dial"]), min_size=1).map(frozenset)
RATES = st.integers(0, 2_000_000).map(lambda millionths: Fraction(millionths, 1_000_000))


@st.composite
def usages(draw):
    """Draw what a conference was used; the cost was rounded line by line, so it may be off."""
    rated = draw(st.dictionaries(KINDS, st.tuples(st.integers(0, 10_000), RATES), max_size=3))
    ways = {kinds: Way(used, used * rate * 100) for kinds, (used, rate) in rated.items()}
    if not ways:
        return Usage()
    exact = sum(way.exact_cents for way in ways.values())
    calls = draw(st.integers(1, 50))
    return Usage(
        calls=calls,
        participants=draw(st.integers(calls, 500)),
        minutes=sum(way.minutes for way in ways.values()),
        cost_cents=round(exact) + draw(st.integers(-calls, calls)),
        ways=ways,
    )


@given(usages(), usages())
def test_reasons_add_up_to_the_difference(before, after):
    reasons = reasons_of(before, after)

    assert sum(reasons.values()) == after.cost_cents - before.cost_cents
    assert {type(cents) for cents in reasons.values()} <= {int}


@given(usages())
def test_nothing_changed_is_no_reason(same):
    assert changed(same, same) == {}
