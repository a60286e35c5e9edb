"""Ends of months, the leap day and changes of clocks in six zones, against a hand-written table."""

import datetime as dt

import pytest

from accounts.periods import Month
from billing.models import BillLine
from billing.services import runs
from billing.services.issue import opens_at
from billing.standing import billing_day, owed_by
from billing.verification import books
from tests import make

SECOND = dt.timedelta(seconds=1)
#: Where months of 2028 begin, in UTC: one before and one after each change of clocks, and the
#: month of the leap day. On Lord Howe Island clocks change by half an hour, on October 1 itself.
BEGINNINGS = {
    "America/New_York": {
        2: "02-01 05:00", 3: "03-01 05:00", 4: "04-01 04:00", 11: "11-01 04:00", 12: "12-01 05:00",
    },
    "America/St_Johns": {
        2: "02-01 03:30", 3: "03-01 03:30", 4: "04-01 02:30", 11: "11-01 02:30", 12: "12-01 03:30",
    },
    "Europe/Berlin": {
        2: "01-31 23:00", 3: "02-29 23:00", 4: "03-31 22:00", 10: "09-30 22:00", 11: "10-31 23:00",
    },
    "Asia/Kathmandu": {
        2: "01-31 18:15", 3: "02-29 18:15", 4: "03-31 18:15", 11: "10-31 18:15", 12: "11-30 18:15",
    },
    "Australia/Lord_Howe": {
        2: "01-31 13:00", 3: "02-29 13:00", 4: "03-31 13:00", 5: "04-30 13:30", 10: "09-30 13:30",
        11: "10-31 13:00",
    },
    "Pacific/Auckland": {
        2: "01-31 11:00", 3: "02-29 11:00", 4: "03-31 11:00", 5: "04-30 12:00", 9: "08-31 12:00",
        10: "09-30 11:00",
    },
}  # fmt: skip
#: Bills of check payers: issued, and due thirty days later.
DUE = {
    "2027-02-01": "2027-03-03", "2027-03-01": "2027-03-31", "2027-04-01": "2027-05-01",
    "2027-05-01": "2027-05-31", "2027-06-01": "2027-07-01", "2027-07-01": "2027-07-31",
    "2027-08-01": "2027-08-31", "2027-09-01": "2027-10-01", "2027-10-01": "2027-10-31",
    "2027-11-01": "2027-12-01", "2027-12-01": "2027-12-31", "2028-01-01": "2028-01-31",
    "2028-02-01": "2028-03-02", "2028-03-01": "2028-03-31",
}  # fmt: skip


def utc(written):
    return dt.datetime.strptime(f"2028-{written}", "%Y-%m-%d %H:%M").replace(tzinfo=dt.UTC)


@pytest.fixture(params=BEGINNINGS)
def zone(request, settings):
    settings.BILLING_TIME_ZONE = request.param
    return request.param


def test_months_begin_where_the_table_says(zone):
    begin = {number: Month(2028, number, zone).start for number in BEGINNINGS[zone]}

    assert begin == {number: utc(written) for number, written in BEGINNINGS[zone].items()}


def test_months_of_many_years_leave_no_instant_out_and_share_none(zone):
    month = Month(2023, 1, zone)
    while month.year < 2033:
        assert month.end == month.next().start
        assert Month.containing(month.end - SECOND, zone) == month
        assert Month.containing(month.end, zone) == month.next()
        assert month.last_day == month.next().first_day - dt.timedelta(days=1)
        month = month.next()


def test_bills_open_on_the_first_day_after_the_grace(zone):
    for number in range(1, 13):
        month = Month(2028, number, zone)
        opens = opens_at(month)

        assert billing_day(opens) == month.next().first_day
        assert runs.last_closed_month(opens) == month
        assert runs.last_closed_month(opens - SECOND) == month.previous()


def bill(month):
    runs.open_runs(month, now=opens_at(month))
    return [job.bill for job in runs.issue_waiting(gateway=None, now=opens_at(month))]


@pytest.mark.django_db
def test_calls_at_the_ends_of_months_are_on_the_bill_of_the_month_they_ended_in(zone):
    """Of each month the last call ends a second before the next, and its first as it begins."""
    account = make.account(terms="check", plan=make.rate_plan())
    line = make.conference(account=account)
    for written in BEGINNINGS[zone].values():
        for ended_at in (utc(written) - SECOND, utc(written)):
            make.session(
                conference=line, started_at=ended_at - 60 * SECOND, legs=[(60, "toll_free")]
            )
    for month in range(1, 13):
        bill(Month(2028, month, zone))

    ends = BillLine.objects.order_by("session__ended_at").values_list(
        "bill__month_start", "session__ended_at"
    )

    expected = []
    for number, written in BEGINNINGS[zone].items():
        expected += [
            (Month(2028, number, zone).previous().start, utc(written) - SECOND),
            (utc(written), utc(written)),
        ]
    assert list(ends) == expected
    serious = [
        one for one in books.verify(now=opens_at(Month(2028, 12, zone))) if one.check.serious
    ]
    assert serious == []


@pytest.mark.django_db
def test_call_of_the_leap_day_is_on_the_bill_of_february(zone):
    account = make.account(terms="check", plan=make.rate_plan())
    noon = utc(BEGINNINGS[zone][3]) - dt.timedelta(hours=12)
    make.session(conference=make.conference(account=account), started_at=noon)

    [issued] = bill(Month(2028, 2, zone))

    assert issued.lines.get().started_at == noon
    assert billing_day(issued.month_end - SECOND) == dt.date(2028, 2, 29)


@pytest.mark.django_db
def test_check_payers_have_thirty_days_and_are_overdue_from_the_midnight_after(settings):
    settings.BILLING_TIME_ZONE = zone = "America/New_York"
    account = make.account(terms="check", plan=make.rate_plan(local="0.10"))
    line = make.conference(account=account)
    due = {}
    month = Month(2027, 1, zone)
    for _ in DUE:
        make.session(conference=line, started_at=month.start, legs=[(600, "local")])
        [issued] = bill(month)
        due[str(issued.issued_on)] = str(issued.due_on)
        month = month.next()

    assert due == DUE
    last_second = dt.datetime(2027, 3, 4, 5, tzinfo=dt.UTC) - SECOND
    assert owed_by(account, today=billing_day(last_second)).overdue.cents == 0
    assert owed_by(account, today=billing_day(last_second + SECOND)).overdue.cents == 100
