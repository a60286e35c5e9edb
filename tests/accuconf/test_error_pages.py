"""The pages for what went wrong: real pages, of one look, that give nothing away."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from tests.pages import read, sign_in


def test_unknown_address_has_a_page_for_everybody(client, basic):
    of_nobody = client.get("/customer/nothing/")
    sign_in(client, basic)
    of_basic = client.get("/customer/nothing/")

    assert read(of_nobody).one("h1").text == "There is nothing here"
    assert (of_nobody.status_code, of_nobody.content) == (404, of_basic.content)


def test_refusal_says_who_can_change_it(client, basic):
    sign_in(client, basic)

    response = client.get(reverse("billing:bill_list"))

    assert response.status_code == 403
    assert read(response).one("main").all("p")[0].text == (
        "Your role or your rights on this conference do not include it. "
        "The Customer Admin of your account can change that."
    )


@pytest.mark.django_db
def test_form_that_was_open_too_long_is_explained():
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a"})

    assert (response.status_code, read(response).one("h1").text) == (403, "Please send that again")


@pytest.mark.django_db
def test_too_many_tries_are_explained(client):
    for _ in range(21):
        response = client.post(reverse("account_reset_password"), {"email": "a@b.example"})

    assert (response.status_code, read(response).one("h1").text) == (429, "Too many tries")


def test_our_own_fault_has_a_page_that_needs_nothing(client, basic, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("out of order")

    monkeypatch.setattr("conferences.views.conferences.page_of", broken)
    client.raise_request_exception = False
    sign_in(client, basic)

    response = client.get(reverse("conferences:conference_list"))

    assert (response.status_code, read(response).one("h1").text) == (500, "Something went wrong")
    assert response.content.decode() == render_to_string("500.html")
