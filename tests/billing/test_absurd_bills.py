"""Bills too large to be true are held until staff say that they are right."""

import pytest
from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.periods import Month
from billing.gateway import gateway
from billing.models import Bill, BillJob, Collection
from billing.services import absurdity, runs
from billing.services.issue import opens_at
from billing.verification import books
from tests import make

FEBRUARY = Month(2026, 2, "America/New_York")
MARCH = FEBRUARY.next()


@pytest.fixture
def account(db):
    return make.account(terms="check", plan=make.rate_plan(local="1"))


def called(account, month, dollars):
    line = make.conference(account=account)
    make.session(conference=line, started_at=month.start, legs=[(60 * dollars, "local")])


def run(month):
    runs.open_runs(month, now=opens_at(month))
    return list(runs.issue_waiting(gateway=gateway(), now=opens_at(month)))[-1]


@pytest.mark.parametrize(
    ("before", "now", "is_held"),
    [(50, 501, True), (50, 500, False), (51, 510, False), (10, 500, False), (0, 501, True)],
)
def test_bill_over_ten_times_the_largest_is_held(account, before, now, is_held):
    called(account, FEBRUARY, before)
    run(FEBRUARY)
    called(account, MARCH, now)

    assert (run(MARCH).bill is None) == is_held


def test_reason_says_what_was_compared(account):
    called(account, FEBRUARY, 50)
    run(FEBRUARY)
    called(account, MARCH, 600)

    assert run(MARCH).held_because == (
        "it would charge $600.00, over 10 times the $50.00 that was the largest of the last 3 bills"
    )


def test_largest_of_three_bills_counts_and_older_ones_do_not(account):
    months = [FEBRUARY]
    for dollars in (400, 3, 60, 5):
        called(account, months[-1], dollars)
        run(months[-1])
        months.append(months[-1].next())

    called(account, months[-1], 601)

    assert "$60.00" in run(months[-1]).held_because


def test_first_bill_is_compared_with_nothing(account):
    called(account, MARCH, 1000)

    assert run(MARCH).bill.current_charges_cents == 100_000


def test_charges_beside_calls_count(account):
    run(FEBRUARY)
    make.fee(account=account, amount_cents=60_000)

    assert run(MARCH).bill is None


def test_leg_over_a_day_can_be_on_no_bill(account):
    line = make.conference(account=account)

    with pytest.raises(IntegrityError, match="leg_is_at_most_a_day"), transaction.atomic():
        make.session(conference=line, legs=[(24 * 60 * 60 + 1, "local")])


def test_held_bill_leaves_the_collection_before_it_alone(stripe_standin, plan):
    """A card that was declined is tried again meanwhile."""
    account = make.account(plan=make.rate_plan(local="1"))
    make.stripe_card(account)
    called(account, FEBRUARY, 50)
    run(FEBRUARY)
    called(account, MARCH, 600)

    assert run(MARCH).bill is None

    assert Collection.objects.get().state in Collection.OPEN_STATES


@pytest.fixture
def held(account):
    called(account, FEBRUARY, 50)
    run(FEBRUARY)
    called(account, MARCH, 600)
    return run(MARCH)


def allow(job, staff, *, cents):
    absurdity.allow(job, cents=cents, why="A big event", by=Actor(user=staff), now=opens_at(MARCH))


def test_bill_is_issued_once_staff_say_that_it_is_right(held, staff):
    allow(held, staff, cents=60_000)

    assert run(MARCH).bill.current_charges_cents == 60_000
    entry = AuditEntry.objects.get(verb="allowed")
    assert entry.after == {"charges up to": "$600.00", "reason": "A big event"}
    assert [one.check.name for one in books.verify(now=opens_at(MARCH)) if one.check.serious] == []


def test_bill_that_has_grown_since_is_not_allowed(held, account, staff):
    called(account, MARCH, 1)

    with pytest.raises(absurdity.ForecastChanged):
        allow(held, staff, cents=60_000)

    assert BillJob.objects.get(pk=held.pk).allowed_cents is None


def test_what_was_allowed_is_not_allowed_for_more(held, account, staff):
    allow(held, staff, cents=60_000)
    called(account, MARCH, 1)

    assert "$601.00" in run(MARCH).held_because


def test_held_bills_stop_no_other(held, plan):
    make.account(name="Another", plan=plan)

    run(MARCH)

    assert Bill.objects.filter(month_start=MARCH.start).get().account_name == "Another"
