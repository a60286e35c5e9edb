"""When a conference meets next."""

import datetime as dt

import pytest

from conferences.models import Schedule
from conferences.schedules import next_start


def schedule(repeats, *, day=dt.date(2026, 10, 1), zone="Europe/London"):
    return Schedule(
        starts_on=day, starts_at_time=dt.time(9), time_zone=zone, minutes=30, repeats=repeats
    )


@pytest.mark.parametrize(
    ("repeats", "now", "start"),
    [
        ("once", "2026-10-01T08:00", "2026-10-01T08:00"),
        ("once", "2026-10-01T08:01", None),
        ("daily", "2026-10-20T08:00", "2026-10-20T08:00"),
        ("daily", "2026-10-20T08:01", "2026-10-21T08:00"),
        ("weekly", "2026-10-20T08:00", "2026-10-22T08:00"),
        ("weekly", "2026-09-01T00:00", "2026-10-01T08:00"),
        ("monthly", "2026-10-02T00:00", "2026-11-01T09:00"),
    ],
)
def test_next_start(repeats, now, start):
    found = next_start(schedule(repeats), now=dt.datetime.fromisoformat(f"{now}+00:00"))

    assert found == (start and dt.datetime.fromisoformat(f"{start}+00:00"))


def test_nine_oclock_stays_nine_over_the_change_of_the_clocks():
    daily = schedule("daily")

    starts = [
        next_start(daily, now=dt.datetime(2026, 10, day, 7, tzinfo=dt.UTC)) for day in (24, 25)
    ]

    assert [start.astimezone(dt.UTC).hour for start in starts] == [8, 9]
    assert [start.hour for start in starts] == [9, 9]
