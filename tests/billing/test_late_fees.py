"""The late fee: of what is overdue beyond the grace, rounded once, half up."""

import datetime as dt
from decimal import Decimal

import pytest

from billing.late_fees import LateFeeRule, late_fee_cents

START = dt.date(2026, 1, 1)
APRIL_1 = dt.date(2026, 4, 1)
APRIL_11 = dt.date(2026, 4, 11)
RULE = LateFeeRule(starts_on=START, percent=Decimal("1.5"), grace_days=10)


def fee(*items, rule=RULE, on=APRIL_11):
    return late_fee_cents(items, rule, on=on)


@pytest.mark.parametrize(("on", "cents"), [
    (dt.date(2026, 4, 1), 0),  # due on that day
    (dt.date(2026, 4, 11), 0),  # ten days late: within the grace
    (dt.date(2026, 4, 12), 150),
])  # fmt: skip
def test_fee_begins_after_the_grace(on, cents):
    assert fee((APRIL_1, 10_000), on=on) == cents


def test_what_is_not_overdue_costs_nothing():
    assert fee((dt.date(2026, 5, 1), 10_000)) == 0
    assert fee() == 0


def test_percentage_is_of_the_sum_and_rounded_once_half_up():
    march_1 = dt.date(2026, 3, 1)

    assert fee((march_1, 33)) == 0  # 0.495
    assert fee((march_1, 33), (march_1, 34)) == 1  # 1.005
    assert fee((march_1, 100)) == 2  # 1.5
    assert fee((march_1, 99)) == 1  # 1.485


def test_fixed_sum_comes_on_top():
    rule = LateFeeRule(starts_on=START, percent=Decimal(1), fixed_cents=2500)

    assert fee((APRIL_1, 10_000), rule=rule) == 2600


@pytest.mark.parametrize(("overdue", "cents"), [(4999, 0), (5000, 2500)])
def test_small_sums_are_free(overdue, cents):
    rule = LateFeeRule(starts_on=START, fixed_cents=2500, least_cents=5000)

    assert fee((APRIL_1, overdue), rule=rule) == cents


def test_what_fell_due_before_the_rule_began_is_free_of_it():
    rule = LateFeeRule(starts_on=dt.date(2026, 4, 2), percent=Decimal(10))

    assert fee((APRIL_1, 10_000), (dt.date(2026, 4, 2), 1000), rule=rule) == 100
