"""The page of one call: who was there, when, and why they left."""

import datetime as dt

import pytest
from django.urls import reverse

from tests import make
from tests.pages import card, facts, rows, sign_in


def page_of(call):
    return reverse("conferences:call_view", args=[call.conference_id, call.pk])


@pytest.fixture
def call(conference):
    """A call over midnight, with a moderator and two others."""
    pins = {
        kind: make.pin(conference=conference, kind=kind, holder_name=f"{kind.title()} Ω")
        for kind in ("moderator", "participant", "speaker")
    }
    start = dt.datetime(2026, 3, 11, 3, 50, tzinfo=dt.UTC)
    call = make.session(conference=conference, started_at=start, legs=[])
    make.add_legs(
        call, (900, "toll_free"), pin=pins["moderator"], is_moderator=True, caller_name="José"
    )
    make.add_legs(call, (61, "local"), pin=pins["participant"], left_because="hung_up")
    make.add_legs(call, (0, "out_dial"), pin=pins["speaker"], caller_name="", caller_number="")
    return call


WHO_WAS_THERE = [
    [
        "José",
        "Moderator Ω",
        "11:50 PM",
        "Mar 11, 2026, 12:05 AM",
        "Toll-free",
        "Not recorded",
        "15",
    ],
    ["Renée", "Participant Ω", "11:50 PM", "11:51 PM", "Local", "Hung up", "2"],
    ["No name", "Speaker Ω", "11:50 PM", "11:50 PM", "Out-dial", "Not recorded", "0"],
]


def who_was_there(response):
    """List the rows of the callers, of their first cell only the name."""
    legs = rows(card(response, "legs"))
    names = [cell.children[0].strip() for cell in card(response, "legs").all("th", scope="row")]
    return [[name, *leg[1:]] for name, leg in zip(names, legs, strict=True)]


def test_a_call_tells_who_was_there_and_why_they_left(client, basic, conference, call):
    make.rights(basic, conference, "moderate")
    sign_in(client, basic)

    response = client.get(page_of(call))

    assert who_was_there(response) == WHO_WAS_THERE
    assert "+1 212-555-0123" in rows(card(response, "legs"))[1][0]
    assert facts(card(response, "call")) == {
        "Ended": "Mar 10, 2026, 11:50 PM",
        "Length": "0 min",
        "Participants": "3",
        "Minutes": "17",
        "Billing code": "–",
    }


def test_whom_a_moderator_pin_was_given_to_is_not_for_view(client, basic, conference, call):
    make.rights(basic, conference, "view")
    sign_in(client, basic)

    response = client.get(page_of(call))

    assert [row[1] for row in who_was_there(response)] == ["–", "Participant Ω", "–"]
    assert "Moderator Ω" not in response.content.decode()


@pytest.mark.parametrize(("right", "offers"), [("moderate", False), ("full", True)])
def test_only_full_rights_are_led_to_change_the_code(
    client, basic, conference, call, right, offers
):
    make.rights(basic, conference, right)
    sign_in(client, basic)

    links = [link.text for link in card(client.get(page_of(call)), "call").all("a")]

    assert links == ["Change the billing code"] * offers


def test_callers_come_by_pages_with_a_constant_number_of_queries(
    client, admin, conference, call, django_assert_num_queries
):
    make.add_legs(call, *[(60, "local")] * 98)
    sign_in(client, admin)

    with django_assert_num_queries(5):
        first = client.get(page_of(call))
    last = client.get(page_of(call), {"page": 2})

    assert [len(rows(card(page, "legs"))) for page in (first, last)] == [100, 1]


def test_a_call_of_another_conference_is_not_found_by_way_of_ones_own(
    client, admin, stranger, call
):
    theirs = make.session(conference=make.conference(account=stranger.account))
    sign_in(client, admin)

    crossed = reverse("conferences:call_view", args=[call.conference_id, theirs.pk])

    assert client.get(crossed).status_code == 404
