"""When a conference meets, and when its PINs work; dateutil is the other reckoner."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as some

from conferences.models import Conference, Schedule
from conferences.schedules import (
    is_on_the_clock,
    is_open_for,
    last_end,
    next_start,
    next_starts,
    opens_next,
    starts,
)

ZONES = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Pacific/Apia",
]
MINUTE = dt.timedelta(minutes=1)


def schedule(
    repeats="once", *, day=dt.date(2026, 10, 1), at=dt.time(9), zone="Europe/London", **fields
):
    fields = {"minutes": 30, **fields}
    return Schedule(starts_on=day, starts_at_time=at, time_zone=zone, repeats=repeats, **fields)


def utc(text):
    return dt.datetime.fromisoformat(f"{text}+00:00")


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
    found = next_start(schedule(repeats), now=utc(now))

    assert found == (start and utc(start))


def test_nine_oclock_stays_nine_over_the_change_of_the_clocks():
    daily = schedule("daily")

    found = [
        next_start(daily, now=dt.datetime(2026, 10, day, 7, tzinfo=dt.UTC)) for day in (24, 25)
    ]

    assert [start.hour for start in found] == [8, 9]


@settings(max_examples=60, deadline=None)
@given(
    zone=some.sampled_from(ZONES),
    repeats=some.sampled_from(["daily", "weekly", "monthly"]),
    day=some.dates(dt.date(2010, 1, 1), dt.date(2030, 12, 31)),
    at=some.times().map(lambda time: time.replace(second=0, microsecond=0)),
    passed=some.integers(0, 800),
)
def test_wall_clock_stays_and_no_meeting_is_missed(zone, repeats, day, at, passed):
    """As dateutil counts them; times that the clocks leave out move, and are left out here."""
    here = ZoneInfo(zone)
    since = dt.datetime.combine(day + dt.timedelta(days=passed), dt.time(12), tzinfo=here)
    rule = rrule.rrule(
        getattr(rrule, repeats.upper()), dtstart=dt.datetime.combine(day, at), count=900
    )
    walls = [wall for wall in rule if is_on_the_clock(wall.date(), at, zone)]
    wanted = [
        instant
        for wall in walls
        if (instant := wall.replace(tzinfo=here).astimezone(dt.UTC)) >= since.astimezone(dt.UTC)
    ][:5]

    made = schedule(repeats, day=day, at=at, zone=zone)
    found = [start.astimezone(here) for start in next_starts(made, now=since, count=8)]

    on_the_wall = [start for start in found if start.time() == at]
    assert [start.astimezone(dt.UTC) for start in on_the_wall][: len(wanted)] == wanted


def test_a_repetition_on_a_time_left_out_is_held_as_much_later_and_then_as_ever():
    daily = schedule("daily", day=dt.date(2026, 3, 7), at=dt.time(2, 30), zone="America/New_York")

    found = next_starts(daily, now=utc("2026-03-07T00:00"), count=3)

    walls = [start.astimezone(ZoneInfo("America/New_York")).strftime("%d %H:%M") for start in found]
    assert walls == ["07 02:30", "08 03:30", "09 02:30"]


def test_of_a_time_that_comes_twice_the_first_counts():
    once = schedule(day=dt.date(2026, 11, 1), at=dt.time(1, 30), zone="America/New_York")

    assert once.first_starts_at == utc("2026-11-01T05:30")


def test_a_day_that_a_zone_left_out_is_held_on_the_next_once():
    daily = schedule("daily", day=dt.date(2011, 12, 29), zone="Pacific/Apia")

    found = next_starts(daily, now=utc("2011-12-29T00:00"), count=3)

    assert found == [utc("2011-12-29T19:00"), utc("2011-12-30T19:00"), utc("2011-12-31T19:00")]


def test_months_without_the_day_are_left_out():
    monthly = schedule("monthly", day=dt.date(2026, 1, 31), zone="UTC")

    found = next_starts(monthly, now=utc("2026-01-31T09:01"), count=3)

    assert [start.date().isoformat() for start in found] == [
        "2026-03-31",
        "2026-05-31",
        "2026-07-31",
    ]


@pytest.mark.parametrize(
    ("repeats", "ends_on", "end"),
    [
        ("once", None, "2026-10-01T08:30"),
        ("daily", dt.date(2026, 10, 26), "2026-10-26T09:30"),
        ("weekly", dt.date(2026, 10, 26), "2026-10-22T08:30"),
        ("monthly", dt.date(2028, 10, 26), "2028-10-01T08:30"),
        ("weekly", None, None),
    ],
)
def test_the_last_date_ends_the_repetition(repeats, ends_on, end):
    made = schedule(repeats, ends_on=ends_on)

    assert last_end(made) == (end and utc(end))
    if end:
        assert next_start(made, now=utc(end)) is None


@pytest.mark.parametrize("at", [dt.time(2, 15), dt.time(2, 29)])
def test_half_an_hour_is_left_out_on_lord_howe_island(at):
    day = dt.date(2026, 10, 4)

    assert not is_on_the_clock(day, at, "Australia/Lord_Howe")
    assert is_on_the_clock(day, dt.time(2, 30), "Australia/Lord_Howe")


@pytest.mark.parametrize(("kind", "early"), [("moderator", 15), ("speaker", 5), ("participant", 5)])
@pytest.mark.parametrize("repeats", ["once", "weekly"])
def test_pins_work_from_a_little_before_the_start_to_the_end(kind, early, repeats):
    conference = Conference(kind="on_demand")
    conference.schedule = schedule(repeats)
    start, end = utc("2026-10-01T08:00"), utc("2026-10-01T08:30")
    opening = start - early * MINUTE

    opened = [
        is_open_for(conference, kind, now=now)
        for now in (opening - MINUTE / 60, opening, start, end - MINUTE / 60, end)
    ]

    assert opened == [False, True, True, True, False]
    assert opens_next(conference, kind, now=opening - MINUTE) == opening
    later = opening + dt.timedelta(days=7) if repeats == "weekly" else None
    assert opens_next(conference, kind, now=opening) == later


def test_without_a_schedule_pins_always_work_until_the_conference_is_closed():
    conference = Conference()
    closed = Conference(closed_at=utc("2026-10-01T00:00"))
    now = utc("2026-10-02T00:00")

    opened = [is_open_for(one, "participant", now=now) for one in (conference, closed)]

    assert opened == [True, False]
    assert opens_next(conference, "participant", now=now) is None


def test_years_of_repetitions_are_not_walked_through():
    """A walk of 900,000 days would take seconds; the generator makes only what is asked of it."""
    daily = schedule("daily", day=dt.date(1, 1, 2), zone="UTC")
    now = utc("2500-01-01T00:00")

    assert next_starts(daily, now=now, count=2) == [now.replace(hour=9), now.replace(day=2, hour=9)]
    assert list(itertools.islice(starts(daily, since=utc("9999-12-29T00:00")), 9))
