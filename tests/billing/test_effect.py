"""What a change of prices does to the running month's bills, and that nothing of it stays."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from accounts.money import Money
from billing.effect import effect_of, state_of_prices
from billing.models import Rate, RecurringFee, Tax
from tests import make

NOW = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)
CALLED_AT = dt.datetime(2026, 3, 10, 15, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def called(*, plan, minutes=10, access_type="local", **fields):
    """Return an account of `plan` that has called in the running month."""
    account = make.account(plan=plan, **fields)
    line = make.conference(account=account)
    legs = [(60 * minutes, access_type)]
    make.session(conference=line, started_at=CALLED_AT, legs=legs)
    return account


@pytest.fixture
def plan():
    return make.rate_plan(local="1")


def dearer(plan, rate="1.50"):
    return lambda: Rate.objects.filter(plan=plan).update(rate_per_minute=rate)


def seen(change, accounts=None, *, now=NOW):
    return effect_of(change, accounts or Account.objects.all(), now=now)


def cents(shifts):
    return [(shift.before.cents, shift.after.cents, shift.difference.cents) for shift in shifts]


def test_new_rate_is_seen_in_the_bills_of_those_who_called(plan):
    small, large = called(plan=plan, minutes=10), called(plan=plan, minutes=100)
    make.account(plan=plan)

    effect = seen(dearer(plan))

    assert cents(effect.touched) == [(10_000, 15_000, 5000), (1000, 1500, 500)]
    assert [shift.account for shift in effect.touched] == [large, small]
    assert cents(effect.totals) == [(11_000, 16_500, 5500)]
    assert len(effect.shifts) == 3


def test_nothing_of_the_change_stays(plan):
    called(plan=plan)
    before = state_of_prices()

    seen(dearer(plan))

    assert state_of_prices() == before
    assert Rate.objects.get().rate_per_minute == 1


def test_fee_is_seen_for_the_days_it_will_run(plan):
    called(plan=plan)
    starts_on = dt.date(2026, 3, 22)

    effect = seen(lambda: make.fee(plan=plan, amount_cents=3100, starts_on=starts_on))

    assert cents(effect.touched) == [(1000, 2000, 1000)]


def test_fee_of_the_next_month_touches_nobody(plan):
    called(plan=plan)

    effect = seen(lambda: make.fee(plan=plan, starts_on=dt.date(2026, 4, 1)))

    assert (effect.touched, cents(effect.totals)) == ([], [(1000, 1000, 0)])


def test_tax_is_seen_in_its_region_only(plan):
    called(plan=plan, region="NY")
    called(plan=plan, region="MA")

    effect = seen(lambda: make.tax(percent="10", country="US", region="NY"))

    assert cents(effect.touched) == [(1000, 1100, 100)]


def test_late_fee_is_seen_as_on_the_day_the_bill_is_issued(plan):
    """The bill of January fell due on March 3; that of March is issued on April 1."""
    account = make.account(plan=plan, terms="check")
    make.issued(account, "2026-01", dollars=100)

    effect = seen(lambda: make.late_fee(percent="2", grace_days=28))

    assert cents(effect.touched) == [(0, 200, 200)]


def test_taking_rates_away_is_seen_in_calls_that_have_none(plan):
    called(plan=plan)
    called(plan=plan, access_type="toll_free")

    effect = seen(lambda: Rate.objects.all().delete())

    assert (effect.unrated_before, effect.unrated_after) == (1, 2)


def test_currencies_are_summed_apart(plan):
    euros = make.rate_plan(local="2")
    type(euros).objects.filter(pk=euros.pk).update(currency="EUR")
    called(plan=plan)
    called(plan=euros, currency="EUR")

    effect = seen(lambda: Rate.objects.update(rate_per_minute=3))

    assert [(total.before, total.after) for total in effect.totals] == [
        (Money(2000, "EUR"), Money(3000, "EUR")), (Money(1000), Money(3000)),
    ]  # fmt: skip


def test_account_that_has_left_is_not_in_it(plan):
    called(plan=plan, closed_on=dt.date(2026, 2, 28))
    stays = called(plan=plan)

    assert [shift.account for shift in seen(dearer(plan)).shifts] == [stays]


def test_account_that_leaves_by_the_change_has_no_bill_after_it(plan):
    account = make.account(plan=plan)
    make.fee(plan=plan, amount_cents=1000)
    closed = {"closed_on": dt.date(2026, 2, 28)}

    effect = seen(lambda: Account.objects.filter(pk=account.pk).update(**closed))

    assert cents(effect.touched) == [(1000, 0, -1000)]


def test_ten_accounts_are_named(plan):
    for minutes in range(1, 13):
        called(plan=plan, minutes=minutes)

    effect = seen(dearer(plan))

    assert [shift.before.cents for shift in effect.largest] == list(range(1200, 200, -100))
    assert len(effect.touched) == 12


@pytest.mark.parametrize("model", [Rate, RecurringFee, Tax])
def test_each_rule_is_in_the_state_of_prices(plan, model):
    before = state_of_prices()

    {
        Rate: dearer(plan),
        RecurringFee: lambda: make.fee(plan=plan),
        Tax: make.tax,
    }[model]()

    assert state_of_prices() != before


def test_queries_do_not_grow_with_the_accounts(plan):
    make.fee(plan=plan)
    make.tax()
    make.late_fee()
    counts = []
    for more in (3, 297):
        for _ in range(more):
            called(plan=plan)
        with CaptureQueriesContext(connection) as queries:
            effect = seen(dearer(plan))
        counts.append((len(effect.touched), len(queries)))

    assert counts == [(3, counts[0][1]), (300, counts[0][1])]
    assert counts[0][1] <= 25
