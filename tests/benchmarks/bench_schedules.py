"""Whether a PIN works now, on a line that has met daily for ten years, beside a walk through them.

Run it with `./portal test tests/benchmarks/bench_schedules.py -s`. It prints the ratios; it
asserts that both give the same answer. The walk is dateutil's, from the first meeting on.
"""

import datetime as dt
import time
from statistics import median
from zoneinfo import ZoneInfo

from dateutil import rrule

from conferences.models import Conference, Schedule
from conferences.schedules import is_open_for, meetings_between, next_start
from tests import make

FIRST = dt.date(2016, 1, 4)
NOW = dt.datetime(2026, 11, 26, 14, 10, tzinfo=dt.UTC)
ZONE = "America/New_York"
TIMES = 200
CONFERENCES = 500


def daily(conference):
    return Schedule(
        conference=conference,
        starts_on=FIRST,
        starts_at_time=dt.time(9),
        time_zone=ZONE,
        minutes=30,
        repeats="daily",
    )


def walked(now):
    rule = rrule.rrule(rrule.DAILY, dtstart=dt.datetime.combine(FIRST, dt.time(9)))
    after = rule.after(now.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None), inc=True)
    return after.replace(tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)


def seconds(act):
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return median(taken)


def test_a_pin_is_judged_without_walking_through_years():
    conference = Conference()
    schedule = daily(conference)

    judged = seconds(lambda: is_open_for(conference, "participant", now=NOW))
    found, gone = (
        seconds(lambda: next_start(schedule, now=NOW)), seconds(lambda: walked(NOW))
    )  # fmt: skip

    print(f"\none judgement: {judged * 1e6:.0f} µs; walk / next start = {gone / found:.0f}")
    assert is_open_for(conference, "participant", now=NOW)
    assert next_start(schedule, now=NOW) == walked(NOW)


def test_a_month_of_500_daily_lines(account):
    lines = [make.conference(account=account, number=f"7{n:05}") for n in range(CONFERENCES)]
    Schedule.objects.bulk_create(daily(line) for line in lines)
    since = dt.datetime(2026, 12, 1, 5, tzinfo=dt.UTC)
    until = since + dt.timedelta(days=31)

    began = time.perf_counter()
    found = meetings_between(Conference.objects.all(), since, until)
    taken = time.perf_counter() - began

    began = time.perf_counter()
    list(Conference.objects.select_related("schedule"))
    fetched = time.perf_counter() - began
    print(
        f"\n{len(found)} meetings in {taken:.2f} s = {taken / fetched:.1f} times fetching the lines"
    )
    assert len(found) == 31 * CONFERENCES
