"""Charges equal a reference that counts every day one by one, whatever the rules and accounts."""

import datetime as dt
import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.periods import Month
from billing.charges import charges_of
from tests import make
from tests.plugins.full import at_length
from tests.undoing import undone

#: A month of 28 days, one of 29, and longer ones.
MONTHS = [Month(year, month, "America/New_York") for year, month in [
    (2026, 2), (2028, 2), (2026, 4), (2026, 7),
]]  # fmt: skip
ACCOUNTS, PLANS = range(2), range(2)
#: What a percentage may be of.
PARTS = ("on_calls", "on_fees", "on_surcharges")

cents = st.one_of(st.sampled_from([50, 99, 100, 1995]), st.integers(50, 10**6))
percents = st.one_of(
    st.sampled_from(["0.0001", "0.5", "5", "8.875", "100"]),
    st.integers(1, 1_000_000).map(lambda share: f"{share / 10_000:.4f}"),
)


@st.composite
def worlds(draw):
    """Draw a month, accounts that come and go around it, plans, fees, taxes and exemptions."""
    month = draw(st.sampled_from(MONTHS))
    days = st.integers(-40, 40).map(lambda shift: month.first_day + dt.timedelta(days=shift))
    starts = st.one_of(st.just(dt.date(2020, 1, 1)), days)
    ends = st.one_of(st.none(), days)
    an_account, a_plan = st.sampled_from(ACCOUNTS), st.sampled_from(PLANS)

    def times(starts_on="starts_on", ends_on="ends_on"):
        first, last = draw(starts), draw(ends)
        return {starts_on: first, ends_on: None if last is None else max(first, last)}

    def some(one):
        return [one() for _ in range(draw(st.integers(1, 3)))]

    def a_life():
        return times("activated_on", "closed_on") | {"billed_from": draw(ends)}

    def a_fee():
        owner = {"plan": draw(st.one_of(st.none(), a_plan)), "account": draw(an_account)}
        return owner | times() | {"amount_cents": draw(cents)}

    def a_tax():
        kind, percent = draw(st.sampled_from(["tax", "surcharge"])), draw(percents)
        parts = {part: draw(st.booleans()) for part in PARTS}
        parts["on_surcharges"] &= kind == "tax"
        return times() | parts | {"kind": kind, "percent": percent}

    def an_exemption():
        return draw(an_account), draw(st.one_of(st.none(), st.integers(0, 2))), times()

    return {
        "month": month,
        "lives": [a_life() for _ in ACCOUNTS],
        "on_plans": [dict(draw(st.lists(st.tuples(starts, a_plan), min_size=1))) for _ in ACCOUNTS],
        "fees": some(a_fee),
        "taxes": [tax for tax in some(a_tax) if any(tax[part] for part in PARTS)],
        "exempt": some(an_exemption),
        "calls": [draw(st.integers(0, 10**7)) for _ in ACCOUNTS],
    }


def save(world):
    """Write the world; return its accounts."""
    plans = [make.rate_plan(local="1") for _ in PLANS]
    accounts = [make.account(**life) for life in world["lives"]]
    for account, on_plans in zip(accounts, world["on_plans"], strict=True):
        for day, plan in on_plans.items():
            account.plans.create(plan=plans[plan], starts_on=day)
    for number, fee in enumerate(world["fees"]):
        owner = (
            {"account": accounts[fee["account"]], "plan": None}
            if fee["plan"] is None
            else {"account": None, "plan": plans[fee["plan"]]}
        )
        make.fee(**fee | owner, name=f"Fee {number}")
    taxes = [make.tax(**tax, name=f"Tax {number}") for number, tax in enumerate(world["taxes"])]
    freed = {None: None} | dict(enumerate(taxes))
    for account, number, times in world["exempt"]:
        if number in freed:
            exemption = {"tax": freed[number], "certificate": "12-345", **times}
            accounts[account].tax_exemptions.create(**exemption)
    return accounts


def half_up(exact):
    return math.floor(exact + Fraction(1, 2))


def every_day(month):
    return [month.first_day + dt.timedelta(days=n) for n in range(month.last_day.day)]


def holds(times, day):
    return times["starts_on"] <= day and (times["ends_on"] is None or day <= times["ends_on"])


def is_customer(life, day):
    first = life["billed_from"] or life["activated_on"]
    return first <= day and (life["closed_on"] is None or day <= life["closed_on"])


def expected_fees(world, number):
    """Return name and cents of each fee; of a plan left and taken again, once for each stay."""
    month = world["month"]
    life, on_plans = world["lives"][number], world["on_plans"][number]

    def stay_on(day):
        return max((start for start in on_plans if start <= day), default=None)

    for name, fee in enumerate(world["fees"]):
        ran = [day for day in every_day(month) if holds(fee, day) and is_customer(life, day)]
        if fee["plan"] is None:
            stays = [ran] if fee["account"] == number else []
        else:
            by_stay = itertools.groupby(ran, key=stay_on)
            stays = [list(days) for stay, days in by_stay if on_plans.get(stay) == fee["plan"]]
        for days in filter(None, stays):
            share = Fraction(len(days), month.last_day.day)
            yield f"Fee {name}", half_up(fee["amount_cents"] * share)


def expected_taxes(world, number, fees):
    day = world["month"].last_day
    parts = dict(zip(PARTS, [world["calls"][number], fees, 0], strict=True))
    for kind in ("surcharge", "tax"):
        made = []
        for name, tax in enumerate(world["taxes"]):
            is_exempt = any(
                account == number and freed in (None, name) and holds(times, day)
                for account, freed, times in world["exempt"]
            )
            if tax["kind"] != kind or not holds(tax, day) or is_exempt:
                continue
            base = sum(cents for part, cents in parts.items() if tax[part])
            made.append((f"Tax {name}", half_up(base * Fraction(tax["percent"]) / 100)))
        made = [(name, cents) for name, cents in made if cents]
        parts["on_surcharges"] = sum(cents for _, cents in made)
        yield from made


@pytest.mark.django_db
@settings(
    max_examples=at_length(short=150, full=1000),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(world=worlds())
def test_charges_equal_the_reference(world):
    with undone():
        accounts = save(world)
        calls_cents = {one.pk: spent for one, spent in zip(accounts, world["calls"], strict=True)}

        charges = charges_of(
            accounts, world["month"], calls_cents=calls_cents, on=world["month"].next().first_day
        )

        for number, account in enumerate(accounts):
            fees = list(expected_fees(world, number))
            taxes = list(expected_taxes(world, number, sum(cents for _, cents in fees)))
            made = [(one.name, one.amount_cents) for one in charges[account.pk]]
            assert sorted(made) == sorted([*fees, *taxes])
