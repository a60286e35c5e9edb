"""The call history of a conference: what is found, what it sums up to, who was in each call."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from conferences.call_history import months_of
from tests import make
from tests.pages import card, complaints, read, rows, sign_in

AFTER_MIDNIGHT = "Mar 11, 2026, 12:05 AM"
NOON = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)  # in New York, where the account is
DAY = dt.timedelta(days=1)


def history_of(conference):
    return reverse("conferences:call_list", args=[conference.pk])


def found(client, conference, **asked):
    """List when the calls started that the history finds, as the page shows it."""
    return [row[0] for row in rows(card(client.get(history_of(conference), asked), "history"))]


@pytest.fixture
def three_calls(conference):
    """A call before midnight of the account's zone, one after it, and one a day later."""
    conference.billing_code = "CC-1"
    conference.save()
    midnight = dt.datetime(2026, 3, 11, 4, tzinfo=dt.UTC)
    minute = dt.timedelta(minutes=1)
    return [
        make.session(conference=conference, started_at=midnight - minute),
        make.session(conference=conference, started_at=midnight, keyed_code="KEY-2"),
        make.session(
            conference=conference, started_at=midnight + DAY, keyed_code="K", billing_code="Ω-3"
        ),
    ]


def test_every_call_is_there_with_its_code_and_never_with_money(client, basic, conference):
    make.session(conference=conference, started_at=NOON, legs=[(61, "local"), (3900, "local")])
    make.session(conference=conference, started_at=NOON + DAY, keyed_code="Ω-7")
    make.rights(basic, conference, "view")
    sign_in(client, basic)

    response = client.get(history_of(conference))

    assert rows(card(response, "history")) == [
        ["Mar 11, 2026, 12:00 PM", "10 min", "Ω-7", "1", "10"],
        ["Mar 10, 2026, 12:00 PM", "1 h 5 min", "–", "2", "67"],
    ]
    assert "$" not in response.content.decode()


def test_mended_code_counts_before_the_keyed_one_and_that_before_the_conferences(
    client, admin, conference, three_calls
):
    sign_in(client, admin)

    listed = rows(card(client.get(history_of(conference)), "history"))

    assert [row[2] for row in listed] == ["Ω-3", "KEY-2", "CC-1"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"since": "2026-03-11"}, ["Mar 12, 2026, 12:00 AM", "Mar 11, 2026, 12:00 AM"]),
        ({"until": "2026-03-10"}, ["Mar 10, 2026, 11:59 PM"]),
        ({"since": "2026-03-11", "until": "2026-03-11"}, ["Mar 11, 2026, 12:00 AM"]),
        ({"code": "key"}, ["Mar 11, 2026, 12:00 AM"]),
        ({"code": "ω"}, ["Mar 12, 2026, 12:00 AM"]),
        ({"code": "%"}, []),
    ],
)
def test_calls_are_found_by_the_readers_days_and_by_code(
    client, admin, conference, three_calls, asked, expected
):
    sign_in(client, admin)

    assert found(client, conference, **asked) == expected


def test_calls_without_a_code_are_found(client, admin, conference):
    make.session(conference=conference, started_at=NOON)
    make.session(conference=conference, started_at=NOON + DAY, keyed_code="KEY-2")
    sign_in(client, admin)

    assert found(client, conference, is_without_code="on") == ["Mar 10, 2026, 12:00 PM"]


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("renée", True),
        ("2125550", True),
        ("+1 (212) 555-0123", True),
        ("Bob 212", False),
        ("+", False),
        ("_", False),
    ],
)
def test_calls_are_found_by_who_was_there(client, admin, conference, words, is_found):
    make.session(conference=conference, started_at=NOON)
    make.session(conference=conference, started_at=NOON + DAY, legs=())
    sign_in(client, admin)

    expected = ["Mar 10, 2026, 12:00 PM"] if is_found else []
    assert found(client, conference, caller=words) == expected


def test_question_that_makes_no_sense_is_said_beside_its_field(client, admin, conference):
    make.session(conference=conference)
    sign_in(client, admin)

    response = client.get(
        history_of(conference),
        {"since": "2026-02-01", "until": "2026-01-01", "caller": "\0", "code": "x" * 51},
    )

    assert complaints(response) == [
        "Null characters are not allowed.",
        "A billing code has at most 50 characters.",
        "The last day lies before the first.",
    ]
    assert card(response, "history").one("h3").text == "Nothing was looked up"


def test_history_without_calls_has_words_in_their_place(client, admin, conference):
    sign_in(client, admin)

    empty = card(client.get(history_of(conference)), "history").one("h3").text
    none = card(client.get(history_of(conference), {"caller": "x"}), "history").one("h3").text

    assert (empty, none) == ("No calls yet", "Nothing matches")


def test_pages_of_the_history_keep_what_was_asked(client, admin, conference):
    for number in range(26):
        make.session(conference=conference, started_at=NOON + number * DAY)
    sign_in(client, admin)

    first = card(client.get(history_of(conference), {"caller": "renée"}), "history")

    assert len(rows(first)) == 25
    assert first.all("a", rel="next")[0].attributes["href"] == "?caller=ren%C3%A9e&page=2"


@pytest.mark.parametrize("count", [1, 3])
def test_a_longer_history_takes_no_more_queries(
    client, basic, conference, count, django_assert_num_queries
):
    for day in range(count):
        make.session(conference=conference, started_at=NOON + day * DAY)
    make.rights(basic, conference, "view")
    sign_in(client, basic)

    with django_assert_num_queries(7):
        response = client.get(history_of(conference))

    assert len(rows(card(response, "history"))) == count


def test_months_are_those_of_the_reader(conference):
    new_year = dt.datetime(2026, 1, 1, 5, tzinfo=dt.UTC)  # midnight in New York
    make.session(conference=conference, started_at=new_year, legs=[(61, "local"), (60, "local")])
    make.session(conference=conference, started_at=new_year - dt.timedelta(minutes=1))
    make.session(conference=conference, started_at=new_year - 40 * DAY, legs=())

    here, there = (
        {
            month.first_day.isoformat(): (month.calls, month.participants, month.minutes)
            for month in months_of(conference, now=NOON, zone=ZoneInfo(zone))
            if month.calls
        }
        for zone in ("America/New_York", "Asia/Tokyo")
    )

    assert here == {"2026-01-01": (1, 2, 3), "2025-12-01": (1, 1, 10)}
    assert there == {"2026-01-01": (2, 3, 13)}


def test_chart_has_the_last_twelve_months_with_the_numbers_beside_it(client, admin, conference):
    now = timezone.now()
    make.session(conference=conference, started_at=now, legs=[(60 * 1234, "local")])
    make.session(conference=conference, started_at=now - 400 * DAY)
    sign_in(client, admin)

    months = card(client.get(history_of(conference)), "months")

    assert len(months.all("rect")) == len(rows(months)) == 12
    assert rows(months)[0][1:] == ["1", "1,234"]
    assert all(row[1:] == ["0", "0"] for row in rows(months)[1:])


def test_conference_shows_the_latest_five_and_leads_to_all(client, admin, conference):
    for number in range(6):
        make.session(conference=conference, started_at=NOON + number * DAY)
    sign_in(client, admin)

    latest = card(client.get(conference.get_absolute_url()), "history")

    assert [row[0] for row in rows(latest)] == [
        f"Mar {day}, 2026, 12:00 PM" for day in range(15, 10, -1)
    ]
    assert latest.all("a")[0].attributes["href"] == history_of(conference)


def test_tab_is_open_on_the_page_of_the_history(client, admin, conference):
    sign_in(client, admin)

    current = read(client.get(history_of(conference))).all("a", **{"aria-current": "page"})

    assert [link.text for link in current] == ["Conferences", "Call history"]
