"""The lists of recordings: found by conference and by day, and explained where there are none."""

import datetime as dt

import pytest
from django.urls import reverse

from tests import make
from tests.conferences.addresses import address
from tests.pages import card, complaints, rows, sign_in

ALL = reverse("conferences:recordings")


def test_search_is_by_conference_and_by_the_readers_days(client, admin, conference):
    other = make.conference(account=admin.account, name="Łódź 100% review", number="30777")
    late = dt.datetime(2026, 3, 11, 3, 59, tzinfo=dt.UTC)  # the 10th in New York
    for line, started_at in ((conference, late), (other, late + dt.timedelta(minutes=1))):
        make.recording(conference=line, started_at=started_at)
    sign_in(client, admin)

    def found(**asked):
        return [
            row[1].rsplit(" ", 1)[0] for row in rows(card(client.get(ALL, asked), "recordings"))
        ]

    assert found() == ["Łódź 100% review", "Weekly meeting"]
    assert found(q="łódź") == found(q="30777") == found(q="0%") == ["Łódź 100% review"]
    assert found(until="2026-03-10") == found(since="2026-03-10", until="2026-03-10")
    assert found(until="2026-03-10") == ["Weekly meeting"]
    assert found(since="2026-03-11") == ["Łódź 100% review"]
    assert found(q="none") == []


def test_search_that_makes_no_sense_says_why(client, admin):
    sign_in(client, admin)

    response = client.get(ALL, {"since": "2026-03-11", "until": "2026-03-10"})

    assert complaints(response) == ["The last day lies before the first."]
    assert card(response, "recordings").one("h3").text == "Nothing was looked up"


def test_no_recordings_are_explained(client, admin, conference):
    sign_in(client, admin)

    for page in (ALL, address("recording_list", conference)):
        assert card(client.get(page), "recordings").one("h3").text == "No recordings"


@pytest.mark.parametrize("count", [1, 3])
def test_longer_lists_take_no_more_queries(
    client, listener, conference, count, django_assert_num_queries
):
    for _ in range(count):
        make.recording(conference=conference)

    with django_assert_num_queries(5):
        response = client.get(ALL)
    with django_assert_num_queries(6):
        client.get(address("recording_list", conference))

    assert len(rows(card(response, "recordings"))) == count
