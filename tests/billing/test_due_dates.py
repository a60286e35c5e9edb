"""When the bills of check payers fall due: a table written by hand, in six billing time zones."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Terms
from accounts.periods import Month
from billing.models import Bill
from billing.services.issue import issue_bill
from billing.standing import Standing, billing_day, with_standing
from tests import make

#: Clocks change there at 2 o'clock, at 1 in UTC, at midnight, by half an hour, far east; or never.
ZONES = [
    "America/New_York", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe",
    "Pacific/Auckland", "Asia/Kathmandu",
]  # fmt: skip

#: Thirty days from the day of issue, counted on a calendar.
DUE = [
    ("2027-01-01", "2027-01-31"),
    ("2027-02-01", "2027-03-03"),
    ("2027-03-01", "2027-03-31"),
    ("2027-04-01", "2027-05-01"),
    ("2027-05-01", "2027-05-31"),
    ("2027-06-01", "2027-07-01"),
    ("2027-07-01", "2027-07-31"),
    ("2027-08-01", "2027-08-31"),
    ("2027-09-01", "2027-10-01"),
    ("2027-10-01", "2027-10-31"),
    ("2027-11-01", "2027-12-01"),
    ("2027-12-01", "2027-12-31"),
    ("2028-01-01", "2028-01-31"),
    ("2028-02-01", "2028-03-02"),
]
#: Bills that were held and issued on another day than the 1st.
HELD = [
    ("2028-01-30", "2028-02-29"),  # due on the leap day
    ("2028-01-31", "2028-03-01"),
    ("2028-02-29", "2028-03-30"),  # issued on it
    ("2027-02-28", "2027-03-30"),
    ("2027-12-31", "2028-01-30"),
    ("2027-03-14", "2027-04-13"),  # clocks change on the day of issue
    ("2027-10-12", "2027-11-11"),  # and between
]


@pytest.fixture
def payer(plan):
    return make.account(terms=Terms.CHECK, plan=plan)


def month_before(day):
    """Return the month that ended before a day, as "YYYY-MM"."""
    last = dt.date.fromisoformat(day).replace(day=1) - dt.timedelta(days=1)
    return f"{last:%Y-%m}"


def local(day, time, zone):
    return dt.datetime.combine(dt.date.fromisoformat(day), time, ZoneInfo(zone)).astimezone(dt.UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_bill_falls_due_30_days_after_its_day(payer, settings, zone):
    settings.BILLING_TIME_ZONE = zone
    for issued_on, _ in DUE:
        make.issued(payer, month_before(issued_on), dollars=1)

    dates = Bill.objects.order_by("number").values_list("issued_on", "due_on")

    assert [(str(issued), str(due)) for issued, due in dates] == DUE


@pytest.mark.parametrize("zone", ZONES)
def test_bill_that_was_held_is_due_30_days_after_it_came(plan, settings, zone):
    settings.BILLING_TIME_ZONE = zone
    dates = []
    for issued_on, _ in HELD:
        for time in (dt.time(0, 0, 1), dt.time(23, 59, 59)):
            payer = make.account(terms=Terms.CHECK, plan=plan)
            now = local(issued_on, time, zone)
            bill = issue_bill(payer, Month.containing(now, zone).previous(), now=now)
            dates.append((str(bill.issued_on), str(bill.due_on)))

    assert dates[::2] == dates[1::2] == HELD


@pytest.mark.parametrize("zone", ZONES[:4])
@pytest.mark.parametrize(("issued_on", "due_on"), [DUE[1], DUE[2], DUE[9], DUE[13]])
def test_bill_is_overdue_from_the_midnight_after_its_due_date(
    payer, settings, zone, issued_on, due_on
):
    settings.BILLING_TIME_ZONE = zone
    make.issued(payer, month_before(issued_on), dollars=1)
    the_end = local(due_on, dt.time(23, 59, 59), zone)

    standings = [
        with_standing(Bill.objects.all(), today=billing_day(at)).get().standing
        for at in (the_end, the_end + dt.timedelta(seconds=1))
    ]

    assert standings == [Standing.OPEN, Standing.OVERDUE]
