"""Signing in and out, and the pages around the password."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.pages import read, sign_in, submit_password

SIGN_IN = reverse("account_login")
HOME = reverse("home")


def test_address_and_password_lead_to_the_start_page(client, basic):
    response = submit_password(client, "Basic@Aurora.example")

    assert (response.status_code, response["Location"]) == (302, HOME)
    assert read(client.get(HOME)).all("div", role="status") == []


def test_one_lands_where_one_wanted_to_go(client, admin):
    bills = reverse("billing:bill_list")

    asked = client.get(bills)
    response = submit_password(client, admin.email, next=bills)

    assert asked["Location"] == f"{SIGN_IN}?next={bills}"
    assert response["Location"] == bills


@pytest.mark.parametrize(
    ("email", "password"),
    [("basic@aurora.example", "wrong"), ("nobody@aurora.example", make.PASSWORD)],
)
def test_wrong_password_and_unknown_address_get_the_same_words(client, basic, email, password):
    response = submit_password(client, email, password)

    (message,) = read(response).all("div", **{"class": "alert alert-block alert-danger"})
    assert message.text == "The e-mail address and the password are not correct together."


@pytest.mark.parametrize("password", [make.PASSWORD, "wrong"])
def test_only_who_knows_the_password_is_told_that_a_sign_in_is_disabled(client, basic, password):
    basic.is_active = False
    basic.save()

    response = submit_password(client, basic.email, password)

    told = response.get("Location") == reverse("account_inactive")
    assert told == (password == make.PASSWORD)
    assert client.get(HOME).status_code == 302


def test_removed_person_does_not_get_in(client, basic):
    basic.is_active, basic.removed_at = False, timezone.now()
    basic.save()

    assert submit_password(client, basic.email).status_code == 200


def test_what_was_typed_is_kept_but_the_password(client, db):
    page = read(submit_password(client, "Nobody@aurora.example"))

    assert page.one("input", name="login").attributes["value"] == "Nobody@aurora.example"
    assert "value" not in page.one("input", name="password").attributes


def test_fields_are_labelled_as_everywhere(client, db):
    labels = [label.text.rstrip(" *") for label in read(client.get(SIGN_IN)).all("label")]

    assert labels == ["E-mail address", "Password", "Stay signed in when I close the browser"]


def test_staff_land_in_the_back_office(client, staff):
    assert submit_password(client, staff.email)["Location"] == reverse("admin:index")


def test_signing_out_takes_a_form_and_ends_the_session(client, basic):
    sign_in(client, basic)

    response = client.post(reverse("account_logout"))

    assert response["Location"] == SIGN_IN
    assert client.get(HOME).status_code == 302


def test_nobody_signs_up_by_themselves(client, db):
    response = client.post(
        reverse("account_signup"),
        {
            "email": "new@example.com",
            "password1": "long enough 123",
            "password2": "long enough 123",
        },
    )

    assert read(response).one("h1").text == "Ask for a sign-in"
