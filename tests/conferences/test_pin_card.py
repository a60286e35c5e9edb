"""The card of PINs on a conference's page: which are listed for whom, and what it tells of each."""

import datetime as dt

import pytest
from django.utils import timezone

from conferences.models import Conference
from tests import make
from tests.conferences.addresses import address
from tests.conferences.cast import DIGITS
from tests.pages import card, rows, sign_in

NOON = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)


def conference_page(client, conference, **query):
    return client.get(conference.get_absolute_url(), query)


@pytest.mark.parametrize(
    ("right", "kinds"),
    [
        ("view", ["Participant"]),
        ("moderate", ["Moderator", "Participant", "Speaker"]),
        ("full", ["Moderator", "Participant", "Speaker"]),
    ],
)
def test_pins_are_shown_masked_by_right(client, basic, conference, moderator_pin, right, kinds):
    make.pin(conference=conference, kind="participant", digits="590217348")
    make.pin(conference=conference, kind="speaker", digits=DIGITS)
    make.rights(basic, conference, right)
    sign_in(client, basic)

    response = conference_page(client, conference)

    masked = {"Moderator": "94", "Participant": "48", "Speaker": "75"}
    listed = [(row[1], row[2].split()[0]) for row in rows(card(response, "pins"))]
    assert listed == [(kind, f"•••••{masked[kind]}") for kind in kinds]
    assert all(pin not in response.content.decode() for pin in (DIGITS, "590217348"))


def test_a_pin_tells_when_it_works_and_how_often_it_was_used(client, admin, conference):
    tomorrow = timezone.now() + dt.timedelta(days=1)
    make.pin(conference=conference, holder_name="Always")
    make.pin(
        conference=conference, holder_name="Ended", starts_at=NOON, ends_at=NOON + dt.timedelta(1)
    )
    make.pin(conference=conference, holder_name="Later", starts_at=tomorrow)
    once = make.pin(conference=conference, holder_name="Once", maximum_uses=1)
    once.admissions.create(bridge=make.bridge(), call="1", admitted_at=NOON)
    twice = make.pin(conference=conference, holder_name="Twice", maximum_uses=2)
    twice.admissions.create(bridge=make.bridge(), call="1", admitted_at=NOON)
    sign_in(client, admin)

    listed = {
        row[0].split()[0]: row[3] for row in rows(card(conference_page(client, conference), "pins"))
    }

    assert listed.pop("Later").startswith("Starts later from ")
    assert listed == {
        "Always": "Always",
        "Ended": "Ended Mar 10, 2026, 12:00 PM – Mar 11, 2026, 12:00 PM",
        "Once": "Used up 1 of 1 used",
        "Twice": "Always 1 of 2 used",
    }


@pytest.mark.parametrize("many", [1, 3])
def test_more_pins_take_no_more_queries(client, admin, conference, many, django_assert_num_queries):
    for _ in range(many):
        make.pin(conference=conference, maximum_uses=2)
        make.pin(conference=conference, removed_at=timezone.now())
    sign_in(client, admin)
    conference_page(client, conference)

    with django_assert_num_queries(8):
        conference_page(client, conference)


def test_many_pins_are_searched_by_name(client, admin, conference):
    for number in range(51):
        make.pin(conference=conference, holder_name=f"Guest {number:02}")
    sign_in(client, admin)

    first, found, nothing = (
        card(conference_page(client, conference, pin=words), "pins")
        for words in ("", "t 50", "<b>")
    )

    assert (len(rows(first)), len(first.all("form", role="search"))) == (50, 1)
    assert [row[0].split(" P")[0] for row in rows(found)] == ["Guest 50"]
    assert nothing.one("h3").text == "No such PIN"


def test_pins_removed_lately_are_listed_for_those_who_may_see_them(client, admin, basic, pin):
    make.rights(basic, pin.conference, "view")
    now = timezone.now()
    for kind, name, hours in (
        ("moderator", "Mo", 1),
        ("participant", "Pat", 2),
        ("speaker", "Old", 25),
    ):
        gone = now - dt.timedelta(hours=hours)
        make.pin(conference=pin.conference, kind=kind, holder_name=name, removed_at=gone)

    listed = {}
    for user in (admin, basic):
        sign_in(client, user)
        section = card(conference_page(client, pin.conference), "pins")
        listed[user.role] = [name.text for name in section.one("details").all("h3")]

    assert listed == {"admin": ["Mo", "Pat"], "basic": ["Pat"]}


def test_closed_conference_says_why_it_gets_no_pins(client, admin, pin):
    Conference.objects.update(closed_at=NOON)
    sign_in(client, admin)

    section = card(conference_page(client, pin.conference), "pins")
    refused = client.post(address("pin_add", pin.conference), {"kind": "speaker"})

    assert [link.text for link in section.all("a", **{"class": "btn btn-quiet btn-sm"})] == [
        "Print sheet"
    ]
    assert "This conference is closed" in section.text
    assert "This conference is closed" in refused.content.decode()
