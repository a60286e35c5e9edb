"""Second factors in a real browser: an authenticator app, and a passkey of a virtual device."""

import pytest
from playwright.sync_api import expect

from tests import make
from tests.e2e.conftest import flaws
from tests.users.factors import code

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def window(portal, company):
    """A window in which the admin has signed in, on a device that can keep passkeys."""
    window = portal.signed_in(company.admin)
    window.device = window.context.new_cdp_session(window)
    window.device.send("WebAuthn.enable")
    added = window.device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    window.device_id = added["authenticatorId"]
    return window


def confirm(window):
    window.fill("[name=password]", make.PASSWORD)
    window.locator("main form button").first.click()


def add_passkey(window):
    window.goto("/customer/second-factor/")
    window.get_by_role("link", name="Add a passkey").click()
    window.get_by_label("Name").fill("Work laptop")
    window.get_by_role("button", name="Add the passkey").click()


def sign_out(window, portal):
    window.get_by_role("button", name="Sign out").click()
    window.wait_for_url(f"{portal.origin}/customer/signin/")


def test_app_then_passkey_then_signing_in_by_each(portal, company, window):
    window.get_by_role("link", name="Set it up").click()
    window.get_by_role("link", name="Add the app").click()
    confirm(window)
    secret = window.locator(".secret").inner_text().replace(" ", "")
    expect(window.locator("img.qr")).to_be_visible()
    assert flaws(window) == []
    window.get_by_label("Code that the app shows").fill(code(secret))
    window.get_by_role("button", name="Add the app").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    assert window.locator(".codes li").count() == 10
    assert flaws(window) == []

    add_passkey(window)
    expect(window.get_by_role("heading", name="Work laptop Signs in alone")).to_be_visible()
    assert flaws(window) == []
    sign_out(window, portal)
    assert flaws(window) == []
    window.get_by_role("button", name="Sign in with a passkey").click()
    window.wait_for_url(f"{portal.origin}/customer/")

    sign_out(window, portal)
    window.fill("[name=login]", company.admin.email)
    window.fill("[name=password]", make.PASSWORD)
    window.get_by_role("button", name="Sign in", exact=True).click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Second factor")
    assert flaws(window) == []
    window.get_by_role("button", name="Use your passkey").click()
    window.wait_for_url(f"{portal.origin}/customer/")


def test_passkey_of_a_disabled_person_signs_nobody_in(portal, company, window):
    window.goto("/customer/second-factor/passkeys/add/")
    confirm(window)
    window.get_by_role("button", name="Add the passkey").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    sign_out(window, portal)
    company.admin.is_active = False
    company.admin.save()

    window.get_by_role("button", name="Sign in with a passkey").click()

    window.wait_for_url(f"{portal.origin}/customer/signin/disabled/")
    window.goto("/customer/")
    window.wait_for_url(f"{portal.origin}/customer/signin/?next=/customer/")


def test_passkey_that_stops_half_way_is_said_and_nothing_is_added(portal, company, window):
    window.goto("/customer/second-factor/passkeys/add/")
    confirm(window)
    window.device.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": window.device_id, "isUserVerified": False},
    )
    window.get_by_role("button", name="Add the passkey").click()

    expect(window.get_by_text("That did not work")).to_be_visible()
    assert flaws(window) == []
    window.goto("/customer/second-factor/")
    expect(window.get_by_role("heading", name="Work laptop")).to_have_count(0)


def test_confirming_by_the_passkey(portal, company, window):
    window.goto("/customer/second-factor/passkeys/add/")
    confirm(window)
    window.get_by_role("button", name="Add the passkey").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    sign_out(window, portal)
    window.get_by_role("button", name="Sign in with a passkey").click()
    window.wait_for_url(f"{portal.origin}/customer/")

    window.goto("/customer/profile/email/")
    window.get_by_role("link", name="passkey").or_(
        window.get_by_role("link", name="security key")
    ).click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    assert flaws(window) == []
    window.get_by_role("button", name="Use your passkey").click()

    expect(window.get_by_role("heading", level=1)).to_have_text("Change e-mail")


def test_without_javascript_the_page_says_what_is_needed(portal, company):
    window = portal.signed_in(company.admin, java_script_enabled=False)
    window.goto("/customer/second-factor/passkeys/add/")
    confirm(window)

    expect(window.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(window.get_by_role("button", name="Add the passkey")).to_be_hidden()
