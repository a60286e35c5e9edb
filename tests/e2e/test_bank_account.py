"""A bank account by Stripe's own fields in a real browser, in place of the card."""

import re

import pytest
from playwright.sync_api import expect

from billing.models import StoredCard
from tests import make
from tests.e2e.conftest import VIEWS, flaws, look
from tests.e2e.fields import choose_bank_account

EDIT = "/customer/account/edit/"
#: Nothing needs scrolling: beside a frame of another site, Chromium loses clicks right after it.
TALL = {"viewport": {"width": 1360, "height": 1400}}
LABEL = "Bank account •••• 6789, STRIPE TEST BANK"
NUMBER = "000123456789"


@pytest.fixture
def account(company, stripe_standin):
    """The company's account, with a Mastercard on file."""
    make.stripe_card(company.admin.account, token="pm_card_mastercard")
    return company.admin.account


@pytest.fixture
def window(portal, company, account):
    """The Admin's window before the fields; no request to us may carry the account's number."""
    window = portal.signed_in(company.admin, **TALL, reduced_motion="reduce")
    sent = []
    window.context.on("request", lambda request: sent.append(request))
    window.goto(EDIT)
    window.get_by_role("button", name="Use another card or bank account").click()
    window.fill("[name=password]", make.PASSWORD)
    window.locator("main button[type=submit]").click()
    expect(window.locator("iframe")).to_be_visible()
    yield window
    ours = [request for request in sent if request.url.startswith(portal.origin)]
    assert ours
    for request in ours:
        words = f"{request.url} {request.post_data or ''} {request.headers}"
        assert NUMBER not in re.sub(r"[\s+]|%20", "", words)


def update(window):
    window.get_by_role("button", name="Update Account").click()


def test_bank_account_takes_the_place_of_the_card(window, account):
    choose_bank_account(window, "Checking •••• 6789")
    update(window)

    expect(window.get_by_role("heading", level=1)).to_have_text("View Account")
    expect(window.locator("main")).to_contain_text(LABEL)
    assert StoredCard.objects.get(account=account).label == LABEL


def test_what_is_missing_is_said_and_can_be_completed(window, account):
    window.frame_locator("iframe").get_by_label("US bank account").check()
    update(window)
    expect(window.locator("[data-card-error]")).to_have_text("Please provide your full name.")

    choose_bank_account(window, "Checking •••• 6789")
    update(window)

    expect(window.locator("main")).to_contain_text(LABEL)


def test_mistake_in_the_address_keeps_the_bank_account_for_the_next_press(window, account):
    choose_bank_account(window, "Checking •••• 6789")
    window.get_by_role("textbox", name="Postal code").fill("90210")
    update(window)
    expect(window.get_by_text("is not a postal code in MA")).to_be_visible()
    expect(window.locator("main")).to_contain_text("Confirmed.")

    window.get_by_role("textbox", name="Postal code").fill("02110")
    update(window)

    expect(window.locator("main")).to_contain_text(LABEL)


def test_pages_with_a_bank_account_have_no_flaws(window, account):
    found = {f"{view}, fields": (look(window, view), flaws(window))[1] for view in VIEWS}
    look(window, "wide, light")
    choose_bank_account(window, "Checking •••• 6789")
    window.get_by_role("textbox", name="Postal code").fill("90210")
    window.set_viewport_size(TALL["viewport"])
    update(window)
    expect(window.locator("main")).to_contain_text("Confirmed.")
    found |= {f"{view}, confirmed": (look(window, view), flaws(window))[1] for view in VIEWS}
    make.stripe_bank(account)
    bill = make.issued(account, "2026-04", dollars=25)
    for path in ("/customer/account/", f"{bill.get_absolute_url()}pay/", bill.get_absolute_url()):
        window.goto(path)
        found |= {f"{view}, {path}": (look(window, view), flaws(window))[1] for view in VIEWS}

    assert {view: flaw for view, flaw in found.items() if flaw} == {}
