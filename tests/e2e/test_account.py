"""Edit Account in a real browser: the card by Stripe's own fields, and never its number to us."""

import re

import pytest
from playwright.sync_api import expect

from billing.models import StoredCard
from tests import make
from tests.e2e.conftest import PHONE, VIEWS, flaws

EDIT = "/customer/account/edit/"
GOOD, ASKED, REFUSED = "4242424242424242", "4000002500003155", "4000000000000002"
NUMBERS = {GOOD, ASKED, REFUSED}
#: Nothing needs scrolling: beside a frame of another site, Chromium loses clicks right after it.
TALL = {"viewport": {"width": 1360, "height": 1400}}


@pytest.fixture
def account(company, stripe_standin):
    """The company's account, with a Mastercard on file."""
    make.stripe_card(company.admin.account, token="pm_card_mastercard")
    return company.admin.account


@pytest.fixture
def window(portal, company, account):
    """The Admin's window; no request to us may carry the number of a card."""
    window = portal.signed_in(company.admin, **TALL)
    sent = []
    window.context.on("request", lambda request: sent.append(request))
    yield window
    for request in sent:
        if request.url.startswith(portal.origin):
            words = f"{request.url} {request.post_data or ''} {request.headers}"
            assert not [number for number in NUMBERS if number in re.sub(r"[\s+]|%20", "", words)]
    assert any(request.url.startswith(portal.origin) for request in sent)


def open_fields(window):
    """Press Use another card, prove who it is, and come back to Stripe's fields."""
    window.goto(EDIT)
    window.get_by_role("button", name="Use another card").click()
    window.fill("[name=password]", make.PASSWORD)
    window.locator("main button[type=submit]").click()
    expect(window.get_by_role("button", name="Update Account")).to_be_visible()
    return window.frame_locator("iframe[title='Secure payment input frame']")


def type_card(window, number):
    fields = open_fields(window)
    fields.get_by_label("Card number").fill(number)
    fields.get_by_label("Expiration date").fill("12/40")
    fields.get_by_label("Security code").fill("123")
    fields.get_by_label("ZIP code").fill("02110")


def update(window):
    window.get_by_role("button", name="Update Account").click()


def on_file(account):
    return StoredCard.objects.get(account=account).last4


def test_new_card_and_a_new_phone_are_saved_by_one_press(window, account):
    type_card(window, GOOD)
    window.get_by_role("textbox", name="Phone").fill("617 555 0199")
    update(window)

    expect(window.get_by_role("heading", level=1)).to_have_text("View Account")
    expect(window.locator("main")).to_contain_text("Visa •••• 4242")
    expect(window.locator("main")).to_contain_text("+1 617-555-0199")
    assert on_file(account) == "4242"


def test_what_was_typed_before_is_kept_when_the_fields_are_opened(window):
    window.goto(EDIT)
    window.get_by_role("textbox", name="City").fill("Salem")
    window.get_by_role("button", name="Use another card").click()
    window.fill("[name=password]", make.PASSWORD)
    window.locator("main button[type=submit]").click()

    expect(window.get_by_role("textbox", name="City")).to_have_value("Salem")
    expect(window.locator("iframe")).to_be_visible()


def answer_the_bank(window, answer):
    bank = window.frame_locator("iframe[title='3D Secure authentication']")
    bank.get_by_role("button", name=answer).click()


def test_card_whose_bank_asks_is_saved_once_the_holder_has_answered(window, account):
    type_card(window, ASKED)
    update(window)
    answer_the_bank(window, "Complete")

    expect(window.locator("main")).to_contain_text("Visa •••• 3155")
    assert on_file(account) == "3155"


def test_holder_who_fails_keeps_the_old_card_and_may_try_again(window, account):
    type_card(window, ASKED)
    update(window)
    answer_the_bank(window, "Fail")

    expect(window.locator("[data-card-error]")).not_to_be_empty()
    expect(window.get_by_role("button", name="Update Account")).to_be_enabled()
    assert on_file(account) == "4444"


def test_declined_card_is_said_beside_the_fields(window, account):
    type_card(window, REFUSED)
    update(window)

    expect(window.locator("[data-card-error]")).to_contain_text("declined")
    expect(window.get_by_role("button", name="Update Account")).to_be_enabled()
    assert flaws(window) == []
    assert on_file(account) == "4444"


def test_incomplete_number_is_said_and_can_be_completed(window, account):
    fields = open_fields(window)
    fields.get_by_label("Card number").fill("4242")
    update(window)
    expect(window.locator("[data-card-error]")).to_have_text("Your card number is incomplete.")

    fields.get_by_label("Card number").fill(GOOD)
    fields.get_by_label("Expiration date").fill("12/40")
    fields.get_by_label("Security code").fill("123")
    update(window)

    expect(window.locator("main")).to_contain_text("Visa •••• 4242")
    assert on_file(account) == "4242"


def test_confirmed_card_outlives_a_mistake_in_the_address(window, account):
    type_card(window, GOOD)
    window.get_by_role("textbox", name="Postal code").fill("90210")
    update(window)
    expect(window.get_by_text("is not a postal code in MA")).to_be_visible()
    expect(window.locator("main")).to_contain_text("Confirmed.")
    assert on_file(account) == "4444"

    window.get_by_role("textbox", name="Postal code").fill("02110")
    update(window)

    expect(window.get_by_role("heading", level=1)).to_have_text("View Account")
    assert on_file(account) == "4242"


def test_fields_that_cannot_be_loaded_say_so(window, portal, stripe_standin):
    window.route("**/stripe.js", lambda route: route.abort())
    open_fields(window)

    expect(window.locator("[data-card-error]")).to_contain_text("cannot be reached")
    portal.complaints.clear()


def test_address_is_changed_without_javascript_and_the_card_says_why_not(portal, company, account):
    window = portal.signed_in(company.admin, java_script_enabled=False, **PHONE)
    open_fields(window)
    expect(window.get_by_text("This step needs JavaScript")).to_be_visible()

    window.get_by_role("button", name="Keep Mastercard").click()
    window.get_by_role("textbox", name="City").fill("Salem")
    update(window)

    expect(window.get_by_role("heading", level=1)).to_have_text("View Account")
    expect(window.locator("main")).to_contain_text("Salem")


@pytest.mark.parametrize("view", VIEWS)
def test_pages_have_no_flaws(portal, company, account, view):
    window = portal.signed_in(company.admin, **VIEWS[view])
    window.goto(EDIT)
    assert flaws(window) == []

    open_fields(window)
    expect(window.frame_locator("iframe").get_by_label("Card number")).to_be_visible()
    assert flaws(window) == []
