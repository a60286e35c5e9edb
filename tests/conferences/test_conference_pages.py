"""What stands on a conference's page: how to call in, its options, dates and calls."""

import datetime as dt

import pytest

from conferences.models import Schedule
from tests import make
from tests.conferences.addresses import page_of
from tests.pages import card, facts, read, rows, sign_in

NOON = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)


def test_page_tells_how_to_call_in_and_what_is_switched_on(client, admin):
    make.dial_in_number(number="442079460958", access_type="international", label="London")
    make.dial_in_number(number="16175550142", access_type="local", label="Boston")
    make.dial_in_number()
    line = make.conference(
        account=admin.account, number="30555", mutes_on_entry=True, billing_code="CC-1"
    )
    sign_in(client, admin)

    response = client.get(page_of(line))

    assert read(response).one("h1").text == "Weekly meeting"
    assert [item.text for item in card(response, "numbers").all("li")] == [
        "Toll-free +1 800-555-0100",
        "Boston +1 617-555-0142",
        "London +44 20 7946 0958",
    ]
    assert [item.text for item in card(response, "options").all("li")] == [
        "Entry tones",
        "Mute on entry",
        "Billing code CC-1",
    ]


def test_schedule_is_shown_in_the_readers_zone(client, admin, conference):
    Schedule.objects.create(
        conference=conference,
        starts_on=dt.date(2026, 3, 20),
        starts_at_time=dt.time(9),
        time_zone="Europe/London",
        minutes=1440,
        repeats="weekly",
        ends_on=dt.date(2026, 3, 30),
    )
    sign_in(client, admin)

    assert facts(card(client.get(page_of(conference)), "schedule")) == {
        "Starts": "Mar 20, 2026, 5:00 AM",
        "Repeats": "Every Friday, until Mar 30, 2026",
        "Length": "24 hours",
        "Expected participants": "10",
        "Next": "Over",
        "Time zone": "Europe/London",
    }


def test_call_history_counts_people_and_minutes_but_no_money(client, basic, conference):
    make.session(conference=conference, started_at=NOON, legs=[(61, "local"), (3900, "local")])
    make.session(conference=conference, started_at=NOON + dt.timedelta(days=1), legs=[(0, "local")])
    make.rights(basic, conference, "view")
    sign_in(client, basic)

    response = client.get(page_of(conference))

    assert rows(card(response, "history")) == [
        ["Mar 11, 2026, 12:00 PM", "0 min", "–", "1", "0"],
        ["Mar 10, 2026, 12:00 PM", "1 h 5 min", "–", "2", "67"],
    ]
    assert "$" not in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_a_longer_history_takes_no_more_queries(
    client, basic, conference, count, django_assert_num_queries
):
    for day in range(count):
        make.session(conference=conference, started_at=NOON + dt.timedelta(days=day))
        make.pin(conference=conference)
    make.rights(basic, conference, "view")
    sign_in(client, basic)

    with django_assert_num_queries(9):
        response = client.get(page_of(conference))

    assert len(rows(card(response, "history"))) == count


def test_new_conference_has_words_in_place_of_its_lists(client, admin, conference):
    sign_in(client, admin)

    response = client.get(page_of(conference))

    assert [heading.text for heading in read(response).all("h3")] == [
        "No PINs",
        "No numbers",
        "No calls yet",
    ]
