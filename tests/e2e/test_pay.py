"""Paying in a real browser: the card on file, another by Stripe's own fields, a bank that asks."""

import re
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from billing.gateway import gateway
from billing.links import pay_link
from billing.models import Collection
from billing.services import ledger, paying
from tests import make
from tests.e2e.conftest import PHONE, VIEWS, flaws, look
from tests.e2e.fields import choose_bank_account

GOOD, ASKED, REFUSED = "4242424242424242", "4000002500003155", "4000000000000002"
NUMBERS = {GOOD, ASKED, REFUSED, "000123456789"}
#: Nothing needs scrolling: beside a frame of another site, Chromium loses clicks right after it.
TALL = {"viewport": {"width": 1360, "height": 1400}}
#: What the newest bill asks for: $25.00, and $9.00 of a bill before.
OWED = 3277


@pytest.fixture
def account(company, stripe_standin):
    """The company's account, with a Visa on file."""
    make.stripe_card(company.admin.account)
    return company.admin.account


@pytest.fixture
def bill(account):
    return make.issued(account, "2026-04", dollars=25)


@pytest.fixture
def watched(portal):
    """Watches a window: no request to us may carry the number of a card."""
    sent = []

    def watch(window):
        window.context.on("request", lambda request: sent.append(request))
        return window

    yield watch
    ours = [request for request in sent if request.url.startswith(portal.origin)]
    assert ours
    for request in ours:
        words = f"{request.url} {request.post_data or ''} {request.headers}"
        assert not [number for number in NUMBERS if number in re.sub(r"[\s+]|%20", "", words)]


@pytest.fixture
def window(portal, company, bill, watched):
    """The Admin's window, on the page of the bill."""
    window = watched(portal.signed_in(company.admin, **TALL, reduced_motion="reduce"))
    window.goto(bill.get_absolute_url())
    window.get_by_role("link", name="Pay", exact=True).click()
    return window


def press(window, name):
    window.get_by_role("button", name=name).click()


def type_card(window, number):
    fields = window.frame_locator("iframe[title='Secure payment input frame']")
    fields.get_by_label("Card number").fill(number)
    fields.get_by_label("Expiration date").fill("12/40")
    fields.get_by_label("Security code").fill("123")
    fields.get_by_label("ZIP code").fill("02110")


def answer_the_bank(window, answer):
    bank = window.frame_locator("iframe[title='3D Secure authentication']")
    bank.get_by_role("button", name=answer).click()


def expect_paid(window, bill, stripe_standin):
    """The page says so, the bill has nothing left to pay, and the money was taken once."""
    expect(window.get_by_text("The bill is paid. Thank you.")).to_be_visible()
    assert stripe_standin.charges() == [OWED]
    assert ledger.balance_cents(bill.account) == 0
    assert bill.collection.state == Collection.State.PAID


def test_card_on_file_pays_by_one_press(window, bill, stripe_standin):
    press(window, "Pay with Visa •••• 4242")

    expect_paid(window, bill, stripe_standin)
    expect(window.locator("main")).to_contain_text("Paid")
    expect(window.get_by_role("link", name="Pay", exact=True)).to_have_count(0)


def test_another_card_is_declined_and_the_next_pays(window, bill, stripe_standin):
    press(window, "Pay with another card")
    type_card(window, REFUSED)
    press(window, "Pay $32.77")
    expect(window.locator("[data-card-error]")).to_contain_text("declined")

    type_card(window, GOOD)
    press(window, "Pay $32.77")

    expect_paid(window, bill, stripe_standin)


def test_incomplete_number_is_said_beside_the_fields(window):
    press(window, "Pay with another card")
    type_card(window, "4242")
    press(window, "Pay $32.77")

    expect(window.locator("[data-card-error]")).to_have_text("Your card number is incomplete.")
    expect(window.get_by_role("button", name="Pay $32.77")).to_be_enabled()


def test_bank_that_asks_is_answered_in_the_page(window, bill, stripe_standin):
    press(window, "Pay with another card")
    type_card(window, ASKED)
    press(window, "Pay $32.77")
    answer_the_bank(window, "Complete")

    expect_paid(window, bill, stripe_standin)


def test_holder_who_fails_at_the_bank_may_pay_by_another_card(window, bill, stripe_standin):
    press(window, "Pay with another card")
    type_card(window, ASKED)
    press(window, "Pay $32.77")
    answer_the_bank(window, "Fail")
    expect(window.locator("[data-card-error]")).not_to_be_empty()

    type_card(window, GOOD)
    press(window, "Pay $32.77")

    expect_paid(window, bill, stripe_standin)


def test_bank_of_the_card_on_file_asks(window, bill, account, stripe_standin):
    make.stripe_card(account, token="pm_card_authenticationRequired")
    window.reload()
    press(window, re.compile("Pay with Visa •••• "))
    expect(window.get_by_text("Your bank wants you to confirm this payment first.")).to_be_visible()
    press(window, "Confirm with your bank")
    press(window, "Confirm with your bank")
    answer_the_bank(window, "Complete")

    expect_paid(window, bill, stripe_standin)


def test_link_of_a_letter_pays_without_signing_in(portal, bill, watched, stripe_standin):
    window = watched(portal.open(**TALL))
    window.goto(urlsplit(pay_link(bill)).path)
    expect(window.get_by_role("button", name="Pay with Visa")).to_have_count(0)
    press(window, "Pay by card")
    type_card(window, GOOD)
    press(window, "Pay $32.77")

    expect_paid(window, bill, stripe_standin)
    expect(window.get_by_role("heading", name="Nothing to pay")).to_be_visible()


def test_paid_in_another_tab_meanwhile_is_paid_once(window, bill, stripe_standin):
    press(window, "Pay with another card")
    type_card(window, GOOD)
    other = window.context.new_page()
    other.goto(f"{bill.get_absolute_url()}pay/")
    press(other, "Pay with Visa •••• 4242")
    expect(other.get_by_text("The bill is paid. Thank you.")).to_be_visible()

    press(window, "Pay $32.77")

    expect_paid(window, bill, stripe_standin)


def test_check_that_came_meanwhile_is_not_taken_too(window, bill, account, stripe_standin):
    press(window, "Pay with another card")
    type_card(window, GOOD)
    make.check(account, check_number="2", amount_cents=1000, now=timezone.now())
    press(window, "Pay $32.77")
    expect(window.get_by_text("What is owed has changed")).to_be_visible()
    assert stripe_standin.charges() == []

    type_card(window, GOOD)
    press(window, "Pay $22.77")

    expect(window.get_by_text("The bill is paid. Thank you.")).to_be_visible()
    assert stripe_standin.charges() == [OWED - 1000]


def test_nothing_is_taken_where_a_check_has_paid_all(window, bill, account, stripe_standin):
    press(window, "Pay with another card")
    type_card(window, GOOD)
    make.check(account, check_number="2", amount_cents=OWED, now=timezone.now())
    press(window, "Pay $32.77")

    expect(window.get_by_text("Nothing is left to be paid by this bill.")).to_be_visible()
    assert stripe_standin.charges() == []


def test_bank_account_pays_after_days(window, bill, stripe_standin):
    press(window, "Pay with another card or bank account")
    choose_bank_account(window, "Checking •••• 6789")
    press(window, "Pay $32.77")
    expect(window.get_by_text("Your payment is on its way")).to_be_visible()
    expect(window.locator("main")).to_contain_text("Processing")

    stripe_standin.settle()
    paying.note_outcome(bill, gateway=gateway(), now=timezone.now())
    window.reload()

    expect(window.locator("main")).to_contain_text("Paid")
    assert stripe_standin.charges() == [OWED]


def test_bank_account_on_file_pays_by_one_press(window, bill, account, stripe_standin):
    make.stripe_bank(account)
    window.reload()
    press(window, "Pay with Bank account •••• 6789, STRIPE TEST BANK")

    expect(window.get_by_text("Your payment is on its way")).to_be_visible()
    assert bill.collection.state == Collection.State.PROCESSING


def test_fields_that_cannot_be_loaded_say_so(window, portal):
    window.route("**/stripe.js", lambda route: route.abort())
    press(window, "Pay with another card")

    expect(window.locator("[data-card-error]")).to_contain_text("cannot be reached")
    portal.complaints.clear()


def test_card_on_file_pays_without_javascript(portal, company, bill, stripe_standin):
    window = portal.signed_in(company.admin, java_script_enabled=False, **PHONE)
    window.goto(f"{bill.get_absolute_url()}pay/")
    press(window, "Pay with another card")
    expect(window.get_by_text("This step needs JavaScript")).to_be_visible()
    window.goto(f"{bill.get_absolute_url()}pay/")
    press(window, "Pay with Visa •••• 4242")

    expect_paid(window, bill, stripe_standin)


def test_pages_have_no_flaws(window, portal, bill):
    link = urlsplit(pay_link(bill)).path
    stranger = portal.open(**TALL, reduced_motion="reduce")
    stranger.goto(link)
    for page, button in ((window, "Pay with another card"), (stranger, "Pay by card")):
        found = {view: (look(page, view), flaws(page))[1] for view in VIEWS}
        press(page, button)
        expect(page.frame_locator("iframe").get_by_label("Card number")).to_be_visible()
        found |= {f"{view}, fields": (look(page, view), flaws(page))[1] for view in VIEWS}

        assert {view: flaw for view, flaw in found.items() if flaw} == {}
