"""The bill run: every active account, in order of months, one bad account apart."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from accounts.periods import Month
from billing.gateway import gateway
from billing.models import Bill, BillJob, BillRun, Rate
from billing.services import runs
from billing.services.issue import MonthStillOpen, opens_at
from billing.verification import books
from tests import make

ZONE = "America/New_York"
FEBRUARY, MARCH, APRIL = (Month(2026, month, ZONE) for month in (2, 3, 4))


def run(month, *, now=None):
    """Run the billing of `month` as soon as that may be done, and return what is still held."""
    now = now or opens_at(month)
    runs.open_runs(month, now=now)
    return [
        job.held_because for job in runs.issue_waiting(gateway=gateway(), now=now) if not job.bill
    ]


def billed():
    return [(str(bill.month), bill.account.name) for bill in Bill.objects.order_by("number")]


@pytest.fixture
def borealis(stranger):
    return stranger.account


def test_every_active_account_gets_one_bill(account, borealis, plan):
    make.account(name="Closed before", plan=plan, closed_on=dt.date(2026, 2, 28))
    make.account(name="Closed on the first", plan=plan, closed_on=dt.date(2026, 3, 1))
    make.account(name="Comes on the last", plan=plan, activated_on=dt.date(2026, 3, 31))
    make.account(name="Comes after", plan=plan, activated_on=dt.date(2026, 4, 1))

    run(MARCH)
    run(MARCH)

    assert sorted(name for _, name in billed()) == [
        "Aurora Robotics",
        "Borealis Shipping",
        "Closed on the first",
        "Comes on the last",
    ]
    assert list(Bill.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]


def test_one_bad_account_does_not_stop_the_others(account, borealis):
    Rate.objects.filter(access_type="local").delete()
    line = make.conference(account=account)
    make.session(conference=line, legs=[(60, "local")])

    held = run(MARCH)

    assert billed() == [("2026-03", "Borealis Shipping")]
    assert held == ["no local rate for 'Weekly meeting' on 2026-03-10"]


def test_held_account_is_billed_once_its_cause_is_mended(account, plan):
    Rate.objects.filter(access_type="local").delete()
    make.session(conference=make.conference(account=account), legs=[(60, "local")])
    run(MARCH)
    run(APRIL)
    assert billed() == []
    Rate.objects.create(
        plan=plan, access_type="local", rate_per_minute=1, starts_on=dt.date(2026, 1, 1)
    )

    assert run(APRIL) == []

    assert billed() == [("2026-03", "Aurora Robotics"), ("2026-04", "Aurora Robotics")]


def test_missed_months_are_caught_up_in_order(account):
    run(FEBRUARY)

    run(APRIL)

    assert [month for month, _ in billed()] == ["2026-02", "2026-03", "2026-04"]


def test_account_that_moved_in_late_joins_an_earlier_run(account, plan):
    run(MARCH)
    make.account(name="Late", plan=plan)

    run(MARCH)

    assert [name for _, name in billed()] == ["Aurora Robotics", "Late"]


def test_open_month_is_refused(account):
    with pytest.raises(MonthStillOpen):
        run(MARCH, now=opens_at(MARCH) - dt.timedelta(seconds=1))

    assert not BillRun.objects.exists()


def test_month_before_the_first_run_is_refused(account):
    run(MARCH)

    with pytest.raises(runs.MonthBeforeTheBooks):
        run(FEBRUARY)


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-04-01T09:59:59+00:00", "2026-02"),  # March ends at 04:00 UTC, plus 6 h of grace
        ("2026-04-01T10:00:00+00:00", "2026-03"),
        ("2026-03-31T23:00:00+00:00", "2026-02"),
        ("2026-12-31T23:00:00+00:00", "2026-11"),
    ],
)
def test_last_closed_month_waits_for_the_grace(now, month):
    assert str(runs.last_closed_month(dt.datetime.fromisoformat(now))) == month


def test_timetable_bills_no_month_from_before_the_first_user(account):
    make.user(account=account, role="admin", added_at=MARCH.start)

    assert runs.open_closed_runs(now=opens_at(FEBRUARY)) == []
    runs.open_closed_runs(now=opens_at(MARCH))
    runs.open_closed_runs(now=opens_at(APRIL.next()))

    assert [str(run) for run in BillRun.objects.all()] == ["2026-05", "2026-04", "2026-03"]


def test_timetable_that_was_away_for_the_first_month_catches_it_up(account):
    make.user(account=account, role="admin", added_at=MARCH.start)

    runs.open_closed_runs(now=opens_at(APRIL))

    assert [str(run) for run in BillRun.objects.all()] == ["2026-04", "2026-03"]


def test_account_that_kills_the_process_comes_last_at_the_next_sweep(
    account, borealis, monkeypatch
):
    runs.open_runs(MARCH, now=opens_at(MARCH))
    poison, good = BillJob.objects.order_by("pk")

    def killed(job, *, now):
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "_issue", killed)
    with pytest.raises(KeyboardInterrupt):
        list(runs.issue_waiting(gateway=gateway(), now=opens_at(MARCH)))

    assert runs.waiting_jobs() == [good.pk, poison.pk]
    runs.open_runs(APRIL, now=opens_at(APRIL))
    assert runs.waiting_jobs()[-2:] == list(
        poison.account.bill_jobs.order_by("pk").values_list("pk", flat=True)
    )


def test_calls_that_end_after_the_account_was_closed_are_billed(account, conference):
    account.closed_on = dt.date(2026, 3, 31)
    account.save()
    late = MARCH.end - dt.timedelta(minutes=5)
    make.session(conference=conference, started_at=late, legs=[(600, "local")])

    run(MARCH)
    run(APRIL)
    run(APRIL.next())

    assert billed() == [("2026-03", "Aurora Robotics"), ("2026-04", "Aurora Robotics")]


def test_calls_from_before_an_account_is_billed_here_are_left_out(account, conference):
    run(MARCH)
    account.billed_from = dt.date(2026, 4, 1)
    account.save()
    for started_at in (MARCH.start, APRIL.start - dt.timedelta(hours=1), APRIL.start):
        make.session(conference=conference, started_at=started_at, legs=[(60, "local")])

    run(APRIL)

    assert Bill.objects.first().lines.count() == 1


def test_account_that_moves_in_later_gets_no_bill_for_months_before(account, plan):
    run(MARCH)
    make.account(name="Later", plan=plan, billed_from=dt.date(2026, 4, 1))

    run(MARCH)
    run(APRIL)

    assert ("2026-03", "Later") not in billed()
    assert ("2026-04", "Later") in billed()
    assert [one.check.name for one in books.verify(now=opens_at(APRIL)) if one.check.serious] == []


def test_plan_in_another_currency_holds_the_bill(account, conference, plan):
    make.session(conference=conference)
    plan.currency = "EUR"
    plan.save()

    assert run(MARCH) == ["no toll_free rate for 'Weekly meeting' on 2026-03-10"]


def test_command_bills_a_month_and_names_what_is_held(account, borealis, capsys):
    Rate.objects.filter(access_type="local").delete()
    make.session(conference=make.conference(account=account), legs=[(60, "local")])

    call_command("run_billing", month="2026-03")

    out = capsys.readouterr().out
    assert "2026-03: 1 of 2 bills are issued." in out
    assert f"held: Aurora Robotics ({account.number}): no local rate" in out


@pytest.mark.parametrize(
    ("month", "says"), [("2026-13", "no month 13"), ("March", "YYYY-MM"), ("2999-01", "from")]
)
def test_command_refuses_in_a_sentence(db, month, says):
    with pytest.raises(CommandError, match=says):
        call_command("run_billing", month=month)
