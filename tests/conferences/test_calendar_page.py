"""The month at a glance: whose meetings, on which day, and how much it costs."""

import datetime as dt

import pytest
from django.urls import reverse

from conferences.models import Schedule
from tests import make
from tests.pages import card, menu, read, sign_in

PAGE = reverse("conferences:calendar_view")


def meets(conference, *, day=dt.date(2026, 12, 1), repeats="once", **fields):
    defaults = {"starts_at_time": dt.time(9), "time_zone": "America/New_York", "minutes": 60}
    return Schedule.objects.create(
        conference=conference, starts_on=day, repeats=repeats, **{**defaults, **fields}
    )


def shown(response):
    """Return {day: [meetings]} of the month's days that have any."""
    return {
        cell.one("time").attributes["datetime"]: [link.text for link in cell.all("a")]
        for cell in card(response, "month").all("td")
        if cell.all("a")
    }


def test_meetings_stand_on_the_readers_days(client, admin, account, conference):
    meets(conference, repeats="weekly", ends_on=dt.date(2026, 12, 20))
    late = make.conference(account=account, name="Sydney calls")
    meets(late, starts_at_time=dt.time(9), time_zone="Australia/Sydney", day=dt.date(2026, 12, 31))
    closed = make.conference(account=account, name="Over", closed_at=dt.datetime.now(dt.UTC))
    meets(closed)
    sign_in(client, admin)

    response = client.get(PAGE, {"month": "2026-12"})

    assert shown(response) == {
        "2026-12-01": ["9:00 AM Weekly meeting"],
        "2026-12-08": ["9:00 AM Weekly meeting"],
        "2026-12-15": ["9:00 AM Weekly meeting"],
        "2026-12-30": ["5:00 PM Sydney calls"],
    }
    links = card(response, "month").one("nav").all("a")
    assert [link.attributes["href"] for link in links] == ["?month=2026-11", PAGE, "?month=2027-01"]


def test_only_conferences_that_one_may_open_are_there(client, basic, stranger, account, conference):
    recorded, unticked = (make.conference(account=account, name=name) for name in "AB")
    foreign = make.conference(account=stranger.account)
    for line in (conference, recorded, unticked, foreign):
        meets(line)
    make.rights(basic, conference, "view")
    make.rights(basic, recorded, "recording")
    sign_in(client, basic)

    response = client.get(PAGE, {"month": "2026-12"})

    assert shown(response) == {"2026-12-01": ["9:00 AM Weekly meeting"]}
    assert "Conferences" in menu(response)


def test_many_meetings_of_a_day_are_listed_with_the_day_alone(client, admin, account):
    for number in range(6):
        meets(make.conference(account=account, name=f"Line {number}"))
    sign_in(client, admin)
    month = client.get(PAGE, {"month": "2026-12"})

    more = card(month, "month").all("a")[-1]
    day = card(client.get(PAGE + more.attributes["href"]), "day")

    assert more.text == "2 more"
    assert len(shown(month)["2026-12-01"]) == 5
    assert [meeting.one("a").text for meeting in day.all("li")] == [
        f"Line {number}" for number in range(6)
    ]


@pytest.mark.parametrize("day", ["2026-12-02", "2026-11-01", "soon"])
def test_a_day_without_meetings_is_not_listed(client, admin, day):
    sign_in(client, admin)

    page = read(client.get(PAGE, {"month": "2026-12", "day": day}))

    assert page.all("section", **{"aria-labelledby": "day"}) == []


@pytest.mark.parametrize("month", ["", "2026-13", "0000-01", "9999-12", "soon", "\0"])
def test_no_such_month_is_this_month(client, admin, month):
    sign_in(client, admin)

    response = client.get(PAGE, {"month": month})

    assert len(card(response, "month").all("td", **{"aria-current": "date"})) == 1


def test_an_empty_month_says_so(client, admin):
    sign_in(client, admin)

    page = read(client.get(PAGE, {"month": "2020-02"}))

    assert page.one("p", **{"class": "no-meetings"}).text == "No meetings in this month."


@pytest.mark.parametrize("count", [1, 3])
def test_more_conferences_take_no_more_queries(
    client, admin, account, count, django_assert_num_queries
):
    for number in range(count):
        line = make.conference(account=account, name=f"Line {number}")
        meets(line, day=dt.date(2020, 1, 1), repeats="daily")
    sign_in(client, admin)

    with django_assert_num_queries(4):
        response = client.get(PAGE, {"month": "2026-12"})

    assert [len(meetings) for meetings in shown(response).values()] == [count] * 31
