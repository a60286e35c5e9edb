"""Signing in and out, and the pages around the password."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from tests import make
from tests.pages import read, sign_in

SIGN_IN = reverse("account_login")
HOME = reverse("home")


def submit(client, email, password=make.PASSWORD, **more):
    return client.post(SIGN_IN, {"login": email, "password": password, **more})


def test_address_and_password_lead_to_the_start_page(client, basic):
    response = submit(client, "Basic@Aurora.example")

    assert (response.status_code, response["Location"]) == (302, HOME)
    assert read(client.get(HOME)).all("div", role="status") == []


def test_one_lands_where_one_wanted_to_go(client, admin):
    bills = reverse("billing:bill_list")

    asked = client.get(bills)
    response = submit(client, admin.email, next=bills)

    assert asked["Location"] == f"{SIGN_IN}?next={bills}"
    assert response["Location"] == bills


@pytest.mark.parametrize(
    ("email", "password"),
    [("basic@aurora.example", "wrong"), ("nobody@aurora.example", make.PASSWORD)],
)
def test_wrong_password_and_unknown_address_get_the_same_words(client, basic, email, password):
    response = submit(client, email, password)

    (message,) = read(response).all("div", **{"class": "alert alert-block alert-danger"})
    assert message.text == "The email address and/or password you specified are not correct."


def test_disabled_person_does_not_get_in(client, basic):
    basic.is_active = False
    basic.save()

    submit(client, basic.email)

    assert client.get(HOME).status_code == 302


def test_staff_land_in_the_back_office(client, staff):
    assert submit(client, staff.email)["Location"] == reverse("admin:index")


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


def test_new_password_is_set_by_a_link_in_a_letter(client, basic):
    client.post(reverse("account_reset_password"), {"email": basic.email})
    (letter,) = mail.outbox
    link = re.search(r"http://testserver(\S+)", letter.body).group(1)
    form = client.get(link, follow=True)
    client.post(
        form.redirect_chain[-1][0],
        {"password1": "quite another one", "password2": "quite another one"},
    )

    assert letter.to == [basic.email]
    assert submit(client, basic.email, "quite another one").status_code == 302
    assert client.get(HOME).status_code == 200


def test_unknown_address_is_not_revealed_by_the_reset(client, basic):
    answers = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (basic.email, "nobody@aurora.example")
    ]

    assert answers[0].content == answers[1].content
