"""What an Admin sees of one person: how they stand, and what they see."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests import make
from tests.pages import card, facts, menu, read, rows, sign_in


def page_of(client, person):
    return client.get(reverse("users:user_view", args=[person.pk]))


def test_admin_sees_how_somebody_stands(client, admin, basic):
    basic.last_login = dt.datetime(2026, 3, 10, 14, 5, tzinfo=dt.UTC)
    basic.added_at = basic.password_expires_at = dt.datetime(2026, 3, 1, 17, tzinfo=dt.UTC)
    basic.save()
    Authenticator.objects.create(user=basic, type="totp", data={})
    sign_in(client, admin)

    assert facts(card(page_of(client, basic), "sign-in")) == {
        "Role": "Customer Basic",
        "Last sign-in": "Mar 10, 2026, 10:05 AM",
        "Second factor": "On",
        "Time zone": "America/New_York",
        "Added": "Mar 1, 2026, 12:00 PM",
        "Temporary password until": "Mar 1, 2026, 12:00 PM",
    }


def test_recovery_codes_alone_are_no_second_factor(client, admin, basic):
    Authenticator.objects.create(user=basic, type="recovery_codes", data={})
    sign_in(client, admin)

    assert facts(card(page_of(client, basic), "sign-in"))["Second factor"] == "Off"


@pytest.mark.parametrize("role", ["admin", "basic", "schedule", "billing"])
def test_menu_shown_is_the_one_they_have(client, account, admin, role):
    person = make.user(account=account, role=role)
    theirs = type(client)()
    sign_in(theirs, person)
    sign_in(client, admin)

    shown = facts(card(page_of(client, person), "sees"))["Menu"].split(" · ")

    assert shown == menu(theirs.get(reverse("home")))


def test_their_conferences_say_what_they_may_there(client, account, admin, basic, conference):
    make.conference(account=account, name="Board")
    make.rights(basic, conference, "recording")
    sign_in(client, admin)

    assert rows(card(page_of(client, basic), "conferences")) == [
        [
            f"Weekly meeting {conference.number} Recording",
            "Recording",
            "see name and number in the list; play and download recordings",
        ]
    ]


@pytest.mark.parametrize("conferences", [1, 3])
def test_more_conferences_take_no_more_queries(
    client, admin, basic, conferences, django_assert_num_queries
):
    for number in range(conferences):
        make.rights(basic, make.conference(account=admin.account, name=f"C {number}"), "view")
    sign_in(client, admin)

    with django_assert_num_queries(6):
        response = page_of(client, basic)

    assert len(rows(card(response, "conferences"))) == conferences


def test_long_lists_come_in_pages(client, admin, basic):
    for number in range(51):
        make.conference(account=admin.account, name=f"C {number}")
    sign_in(client, admin)

    assert len(rows(card(page_of(client, admin), "conferences"))) == 50


@pytest.mark.parametrize(
    ("fields", "buttons"),
    [
        ({}, ["End sign-ins", "Disable"]),
        ({"is_active": False}, ["Enable"]),
        (
            {"email_confirmed_at": None},
            ["Send invitation again", "End sign-ins", "Disable"],
        ),
    ],
)
def test_buttons_are_those_that_make_sense(client, account, admin, fields, buttons):
    person = make.user(account=account, **fields)
    sign_in(client, admin)

    section = card(page_of(client, person), "sign-in")

    assert [button.text for button in section.all("button")] == buttons
    assert [link.text for link in section.all("a")] == ["Remove"]


def test_disabled_person_sees_nothing(client, account, admin):
    person = make.user(account=account, is_active=False)
    sign_in(client, admin)

    page = read(page_of(client, person))

    assert page.all("section", **{"aria-labelledby": "conferences"}) == []
    assert "Nothing, while disabled" in page.text


def test_names_are_never_markup(client, account, admin):
    person = make.user(account=account, name="<script>alert(1)</script>")
    sign_in(client, admin)

    for name in ("user_view", "rights_edit", "user_remove"):
        text = client.get(reverse(f"users:{name}", args=[person.pk])).content.decode()
        assert "<script>alert" not in text


def test_people_of_another_account_are_not_there(client, stranger, basic):
    sign_in(client, stranger)

    assert page_of(client, basic).status_code == 404
