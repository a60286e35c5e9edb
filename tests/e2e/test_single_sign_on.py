"""Signing in through one's own company in a real browser, under our Content-Security-Policy."""

import re

import pytest
from playwright.sync_api import expect

from tests import make
from tests.e2e.conftest import VIEWS, flaws

BACK = re.compile(r"/customer/sso/northwind/callback/")


@pytest.fixture
def northwind(portal, company, settings, provider):
    """The company's own sign-in, at which `ana` is the Customer Admin."""
    settings.PORTAL_URL = portal.origin
    made = make.single_sign_on(
        account=company.admin.account,
        issuer=provider.issuer,
        slug="northwind",
        domains=[company.admin.email.partition("@")[2]],
    )
    provider.register(made.redirect_uri)
    made.client_id = provider.client_id
    made.client_secret = provider.client_secret
    made.save()
    provider.employ("ana", email=company.admin.email)
    provider.employ("new", email=f"new@{made.domains[0]}")
    return provider


def on_arrival(window, provider, name):
    """Let `name` sign in at the provider, whose own page is not looked at."""
    window.route(
        re.compile(re.escape(f"{provider.issuer}/oauth2/authorize")),
        lambda route: route.fulfill(
            status=302, headers={"Location": provider.ask(route.request.url, name)}
        ),
    )


def test_form_leads_to_the_provider_and_back(portal, northwind):
    window = portal.open()
    on_arrival(window, northwind, "ana")
    window.goto("/customer/")
    window.get_by_role("link", name="Sign in with your company").click()
    window.get_by_label("Company's sign-in name").fill("northwind")
    window.get_by_role("button", name="Continue").click()

    window.wait_for_url(f"{portal.origin}/customer/")
    expect(window.get_by_role("navigation", name="Main")).to_be_visible()


@pytest.mark.parametrize("view", VIEWS)
def test_pages_on_the_way_have_no_flaw(portal, northwind, view):
    window = portal.open(**VIEWS[view])
    on_arrival(window, northwind, "new")
    window.goto("/customer/sso/northwind/login/")
    found = {"start": flaws(window)}
    window.get_by_label("Company's sign-in name").fill("nowhere")
    window.get_by_role("button", name="Continue").click()
    window.locator(".invalid-feedback").wait_for()  # the page has come anew
    found["unknown"] = flaws(window)
    window.goto("/customer/sso/northwind/login/")
    window.get_by_role("button", name="Continue").click()
    window.wait_for_url(BACK)
    found["refused"] = flaws(window)

    assert found == {"start": [], "unknown": [], "refused": []}
