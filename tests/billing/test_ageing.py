"""The ageing report: sorted by days past due, as of any day, equal to the ledger to the cent."""

import datetime as dt
import random

import pytest
from django.db.models import Sum

from accounts.actors import Actor
from accounts.models import Terms
from billing.ageing import ageing, totals
from billing.models import Book, Check, Posting
from billing.open_items import open_items
from billing.services import checks
from tests import make

CLERK = Actor(label="Clara Clerk")
MARCH_10 = dt.date(2026, 3, 10)


@pytest.fixture
def owing(plan):
    """An account that pays by check; its bill of January is due on March 3."""
    account = make.account(name="Aurora Robotics", terms=Terms.CHECK, plan=plan)
    bill = make.issued(account, "2026-01", dollars=10)
    assert bill.due_on == dt.date(2026, 3, 3)
    return account


def noon(day):
    return dt.datetime.combine(day, dt.time(17), dt.UTC)


def cents_of(account, *, on):
    (row,) = (row for row in ageing(on=on) if row.account_pk == account.pk)
    return row.cents


@pytest.mark.parametrize(("days", "column"), [
    (-30, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (900, 4),
])  # fmt: skip
def test_bill_is_sorted_by_the_days_past_its_due_date(owing, days, column):
    cents = cents_of(owing, on=dt.date(2026, 3, 3) + dt.timedelta(days))

    assert cents == tuple(1000 if place in (column, 6) else 0 for place in range(7))


def test_account_that_owes_nothing_is_left_out(owing):
    make.check(owing, check_number="1", amount_cents=1000, now=noon(MARCH_10))

    assert ageing(on=MARCH_10) == []


def test_what_was_settled_later_does_not_count(owing):
    make.check(owing, check_number="1", amount_cents=400, now=noon(MARCH_10))

    assert cents_of(owing, on=MARCH_10 - dt.timedelta(1)) == (0, 1000, 0, 0, 0, 0, 1000)
    assert cents_of(owing, on=MARCH_10) == (0, 600, 0, 0, 0, 0, 600)


def test_kept_rest_stands_as_credit_until_the_day_it_is_applied(owing):
    kept = checks.record_check(
        owing, number="1", amount_cents=400, received_on=MARCH_10, shares={}, is_rest_kept=True,
        by=CLERK, now=noon(MARCH_10),
    )  # fmt: skip
    checks.apply_rest(kept, by=CLERK, now=noon(MARCH_10 + dt.timedelta(5)))

    assert cents_of(owing, on=MARCH_10 + dt.timedelta(4)) == (0, 1000, 0, 0, 0, -400, 600)
    assert cents_of(owing, on=MARCH_10 + dt.timedelta(5)) == (0, 600, 0, 0, 0, 0, 600)


def test_day_ends_at_midnight_of_the_billing_zone(owing):
    before_midnight = dt.datetime(2026, 3, 11, 3, 59, tzinfo=dt.UTC)
    make.check(owing, check_number="1", amount_cents=400, now=before_midnight)
    make.check(
        owing, check_number="2", amount_cents=1, now=before_midnight + dt.timedelta(minutes=1)
    )

    assert cents_of(owing, on=MARCH_10)[6] == 600
    assert cents_of(owing, on=MARCH_10 + dt.timedelta(1))[6] == 599


def test_currencies_are_added_up_apart(owing, plan):
    euros = make.account(name="Boreal", terms=Terms.CHECK, currency="EUR", plan=plan)
    make.issued(euros, "2026-01", dollars=25)

    sums = totals(ageing(on=MARCH_10))

    assert [(row.currency, row.cents[6]) for row in sums] == [("EUR", 2500), ("USD", 1000)]


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(2, 20))]
)
def test_what_the_report_said_on_a_day_it_says_for_ever(plan, seed):
    """Bills, checks, bounces and choices at random; each evening the report is kept."""
    dice = random.Random(seed)
    accounts = [make.account(terms=terms, plan=plan) for terms in Terms.values * 2]
    said = {}
    for number in range(1, 6):
        for account in accounts:
            make.issued(account, f"2026-{number:02}", dollars=dice.randint(0, 40))
        for day in (dt.date(2026, number + 1, 1), dt.date(2026, number + 1, 20)):
            for account in dice.sample(accounts, 3):
                something_happens(account, dice, noon(day) + dt.timedelta(seconds=dice.random()))
            said[day] = ageing(on=day)
            assert sum(row.cents[6] for row in said[day]) == balance(before=None)

    assert {day: ageing(on=day) for day in said} == said
    for day, rows in said.items():
        end = noon(day) + dt.timedelta(hours=11)
        assert totals(rows)[0].cents[6] == balance(before=end)
        assert all(sum(row.cents[:6]) == row.cents[6] for row in rows)


def something_happens(account, dice, now):
    standing = list(Check.objects.with_standing().filter(account=account, is_bounced=False))
    if standing and dice.random() < 0.3:
        checks.bounce(dice.choice(standing), by=CLERK, now=now)
        return
    if kept := [check for check in standing if check.is_rest_kept and check.rest_cents]:
        checks.apply_rest(kept[0], by=CLERK, now=now)
        return
    items = dice.sample(owed := open_items(account), dice.randint(0, len(owed)))
    shares = {item.key: dice.randint(1, item.unpaid_cents) for item in items}
    checks.record_check(
        account,
        number=str(account.checks.count() + 1),
        amount_cents=sum(shares.values()) + dice.randint(1, 3000),
        received_on=now.date(),
        shares=dice.choice([None, shares]),
        is_rest_kept=dice.random() < 0.5,
        by=CLERK,
        now=now,
    )


def balance(*, before):
    owed = Posting.objects.filter(book=Book.RECEIVABLE)
    if before is not None:
        owed = owed.filter(entry__booked_at__lt=before)
    return owed.aggregate(cents=Sum("amount_cents"))["cents"]
