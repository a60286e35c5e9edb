"""How amounts, dates, names and telephone numbers are written on pages."""

import datetime as dt
import zoneinfo

import pytest
from django.utils import timezone

from accounts.money import Money
from accounts.templatetags import dates, money, people, telephone


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "$0.00"),
        (5, "$0.05"),
        (123456, "$1,234.56"),
        (-1200, "−$12.00"),
        (Money(250, "EUR"), "EUR 2.50"),
    ],
)
def test_amounts(amount, written):
    assert money.money(amount) == written


@pytest.mark.parametrize(
    ("per_minute", "written"),
    [
        ("0.04", "$0.0400"),
        ("0.040000", "$0.0400"),
        ("0.0425", "$0.0425"),
        ("1", "$1.0000"),
        ("10", "$10.0000"),
    ],
)
def test_rates_have_at_least_four_decimals(per_minute, written):
    assert money.rate(per_minute) == written


def test_instants_are_written_in_the_readers_zone():
    with timezone.override(zoneinfo.ZoneInfo("Asia/Tokyo")):
        written = dates.when(dt.datetime(2026, 11, 30, 20, 5, tzinfo=dt.UTC))

    assert written == "Dec 1, 2026, 5:05\N{NO-BREAK SPACE}AM"


def test_times_of_day_are_written_in_the_readers_zone():
    with timezone.override(zoneinfo.ZoneInfo("Asia/Tokyo")):
        written = dates.clock(dt.datetime(2026, 11, 30, 20, 5, tzinfo=dt.UTC))

    assert written == "5:05\N{NO-BREAK SPACE}AM"


def test_days_and_months_have_no_zone():
    day = dt.date(2026, 11, 3)

    assert [dates.when(day), dates.month(day), dates.short_month(day), dates.when(None)] == [
        "Nov 3, 2026",
        "November 2026",
        "Nov 2026",
        "–",
    ]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 min"),
        (1, "1 min"),
        (60, "1 min"),
        (3540, "59 min"),
        (3541, "1 h 0 min"),
        (7320, "2 h 2 min"),
    ],
)
def test_lengths_count_begun_minutes(seconds, written):
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)

    assert dates.lasting_until(start, start + dt.timedelta(seconds=seconds)) == written


@pytest.mark.parametrize(
    ("name", "written"),
    [("Ada King Byron", "AB"), ("ada", "A"), ("Żaneta Ćwik", "ŻĆ"), ("", "")],
)
def test_initials(name, written):
    assert people.initials(name) == written


@pytest.mark.parametrize(
    ("digits", "written"),
    [("18005550100", "+1 800-555-0100"), ("+442079460958", "+44 20 7946 0958"), ("*99", "*99")],
)
def test_telephone_numbers(digits, written):
    assert telephone.telephone(digits) == written
