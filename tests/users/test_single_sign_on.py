"""Signing in through one's own company: the way there and back, and who comes in."""

import pytest
from django.urls import reverse

from tests import make
from tests.pages import read

START = reverse("sso_start")
HOME = reverse("home")


@pytest.fixture
def aurora(account, company):
    """Aurora's people sign in through a real provider."""
    made = make.single_sign_on(account=account, provider=company)
    company.register(made.redirect_uri)
    made.client_id, made.client_secret = company.client_id, company.client_secret
    made.save()
    return made


def leave(client, company="aurora", **more):
    """Begin at the portal; return the provider's address that the page leads to."""
    page = client.post(START, {"company": company, **more})
    (way_on,) = read(page).all("a", **{"class": "btn btn-primary w-100"})
    return way_on.attributes["href"]


def test_provider_lets_a_person_of_the_account_in(client, aurora, company, basic):
    company.employ("ben", email=basic.email)

    response = client.get(company.ask(leave(client), "ben"))

    assert (response.status_code, response["Location"]) == (302, HOME)
    assert client.get(HOME).context["user"] == basic
