"""The clocks that an invitation brings along are those of the zone, by dateutil's reading."""

import datetime as dt
import io
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical

from conferences.calendar import zone_of
from conferences.models import Schedule

#: With summer time, half an hour of it, none, changes around a fast, and one that gave it up.
ZONES = [
    "America/New_York",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Pacific/Apia",
]


@pytest.mark.parametrize("name", ZONES)
def test_every_hour_of_more_than_a_year_is_the_same_as_in_the_zone(name):
    year = 2017 if name == "America/Sao_Paulo" else 2026
    schedule = Schedule(starts_on=dt.date(year, 6, 1), time_zone=name)
    brought = tzical(io.StringIO(zone_of(schedule).to_ical().decode())).get()
    zone, first = ZoneInfo(name), dt.datetime.combine(dt.date(year, 1, 2), dt.time(0, 15))
    walls = [first + dt.timedelta(hours=number) for number in range(400 * 24)]

    differing = [
        wall
        for wall in walls
        if _is_once(wall, zone)
        and wall.replace(tzinfo=zone).utcoffset() != wall.replace(tzinfo=brought).utcoffset()
    ]

    assert differing == []


def _is_once(wall, zone):
    """Tell whether the clocks show this time once that day."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first == second


def test_a_change_is_told_by_the_clock_before_it():
    """As libical reckons: the onset less the offset before is the instant of the change."""
    described = zone_of(Schedule(starts_on=dt.date(2026, 6, 1), time_zone="America/New_York"))

    changes = [
        part["DTSTART"].dt.replace(tzinfo=dt.UTC) - part["TZOFFSETFROM"].td
        for part in described.subcomponents
    ]

    assert changes == [
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 8, 7, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC),
    ]
