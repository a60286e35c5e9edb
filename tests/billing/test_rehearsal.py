"""A bill run rehearsed: it tells what would be, and changes nothing."""

import io

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.periods import Month
from billing.gateway import gateway
from billing.models import Bill, BillRun, JournalEntry
from billing.services import rehearsal, runs
from billing.services.issue import opens_at
from tests import make

FEBRUARY = Month(2026, 2, "America/New_York")
MARCH = FEBRUARY.next()
NOW = opens_at(MARCH)


def called(account, month, dollars):
    line = make.conference(account=account)
    make.session(conference=line, started_at=month.start, legs=[(60 * dollars, "local")])


def run(month):
    runs.open_runs(month, now=opens_at(month))
    list(runs.issue_waiting(gateway=gateway(), now=opens_at(month)))


@pytest.fixture
def plan(db):
    return make.rate_plan(local="1")


@pytest.fixture
def world(plan):
    """Accounts with bills of February, and calls in March: more, fewer, as many; one is new."""
    make.fee(plan=plan, amount_cents=1000)
    make.tax(percent="5", on_fees=False)
    accounts = {
        name: make.account(name=name, number=name, terms="check", plan=plan)
        for name in ("More", "Fewer", "Same")
    }
    for account in accounts.values():
        called(account, FEBRUARY, 40)
    run(FEBRUARY)
    accounts["New"] = make.account(
        name="New", number="New", terms="check", plan=plan, activated_on=MARCH.first_day
    )
    for name, dollars in {"More": 100, "Fewer": 20, "Same": 40, "New": 20}.items():
        called(accounts[name], MARCH, dollars)
    return accounts


def test_rehearsal_totals_what_the_run_then_issues(world):
    told = rehearsal.rehearse(MARCH, now=NOW)
    run(MARCH)

    issued = Bill.objects.filter(month_start=MARCH.start)
    (total,) = told.totals
    assert (total.bills, total.calls_cents) == (4, 18_000)
    assert total.charges_cents == {"fee": 4000, "surcharge": 0, "tax": 900, "late_fee": 0}
    assert total.total_cents == sum(bill.current_charges_cents for bill in issued) == 22_900
    assert total.last_time_cents == 3 * 5200
    assert (told.is_over, told.held, told.issued) == (True, [], 0)


def test_rehearsal_shows_the_largest_changes_first(world):
    changes = rehearsal.rehearse(MARCH, now=NOW).changes

    assert [(one.account.name, one.before_cents, one.after_cents) for one in changes] == [
        ("More", 5200, 11_500), ("New", None, 3100), ("Fewer", 5200, 3100),
    ]  # fmt: skip


def test_rehearsal_shows_ten_changes_at_most(plan):
    for number in range(12):
        called(make.account(plan=plan), MARCH, number + 1)

    changes = rehearsal.rehearse(MARCH, now=NOW).changes

    assert [one.after_cents for one in changes] == [100 * n for n in range(12, 2, -1)]


def test_rehearsal_names_who_would_be_held(world, plan):
    called(world["More"], MARCH, 600)
    unrated = make.conference(account=world["Same"])
    make.session(conference=unrated, started_at=MARCH.start, legs=[(60, "toll_free")])

    held = rehearsal.rehearse(MARCH, now=NOW).held
    run(MARCH)

    assert [account.name for account, _ in held] == ["More", "Same"]
    assert held[1][1] == "1 of its lines have no rate"
    jobs = BillRun.objects.first().jobs.filter(bill=None)
    assert sorted(job.account.name for job in jobs) == ["More", "Same"]


def test_account_with_an_earlier_month_waiting_would_be_held(world):
    world["New"].activated_on = FEBRUARY.first_day
    world["New"].save()
    runs.open_runs(FEBRUARY, now=NOW)

    held = rehearsal.rehearse(MARCH, now=NOW).held

    assert held == [(world["New"], "an earlier month is to be billed first")]


def test_bills_that_are_issued_are_left_out(world):
    run(MARCH)

    told = rehearsal.rehearse(MARCH, now=NOW)

    assert (told.issued, told.totals, told.changes) == (4, [], [])


def test_each_currency_has_its_total(world):
    euros = make.rate_plan(local="2")
    euros.currency = "EUR"
    euros.save()
    called(make.account(plan=euros, currency="EUR", country="FR"), MARCH, 10)

    totals = rehearsal.rehearse(MARCH, now=NOW).totals

    assert [(total.currency, total.bills) for total in totals] == [("EUR", 1), ("USD", 4)]
    assert totals[0].calls_cents == 2000


def test_month_that_is_running_is_told_so_far(world):
    told = rehearsal.rehearse(MARCH, now=MARCH.start)

    (total,) = told.totals
    assert (told.is_over, total.calls_cents, total.charges_cents["fee"]) == (False, 0, 4000)


def test_rehearsal_writes_nothing(world):
    with CaptureQueriesContext(connection) as queries:
        rehearsal.rehearse(MARCH, now=NOW)

    assert all(query["sql"].lstrip().startswith(("SELECT", "WITH")) for query in queries)
    assert not BillRun.objects.filter(month_of_year=3).exists()


def test_more_accounts_take_no_more_queries(world, plan, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        rehearsal.rehearse(MARCH, now=NOW)
    for _ in range(20):
        called(make.account(plan=plan), MARCH, 1)

    with django_assert_num_queries(len(few)):
        rehearsal.rehearse(MARCH, now=NOW)


def test_next_run_is_of_the_running_month_once_the_last_was_run(world):
    before = rehearsal.next_to_run(NOW)
    run(MARCH)

    assert (before, rehearsal.next_to_run(NOW)) == (MARCH, MARCH.next())


def test_next_run_is_of_a_month_of_which_bills_are_held(world):
    make.session(conference=make.conference(account=world["More"]), legs=[(60, "toll_free")])
    run(MARCH)

    assert rehearsal.next_to_run(NOW) == MARCH


def test_command_tells_and_bills_nothing(world):
    out = io.StringIO()

    with time_machine.travel(NOW, tick=False):
        call_command("run_billing", "--rehearse", stdout=out)

    told = out.getvalue()
    assert "2026-03: 4 bills would be issued." in told
    assert "In USD: $229.00, last time $156.00: calls $180.00, fee $40.00, tax $9.00" in told
    assert "  $63.00: More (More): $52.00 to $115.00" in told
    assert "  $31.00: New (New): no bill to $31.00" in told
    assert Bill.objects.count() == 3
    assert JournalEntry.objects.count() == 3


def test_command_refuses_what_is_no_month(db):
    with pytest.raises(CommandError, match="not a month"):
        call_command("run_billing", "--rehearse", "--month", "May")
