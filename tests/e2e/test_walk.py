"""Every page, as each role, wide and on a phone, light and dark: nothing in anybody's way."""

import pytest

from tests.e2e.conftest import VIEWS, flaws

#: The pages of the menu and those behind them; {…} is filled from the company.
PAGES = {
    "admin": [
        "/customer/",
        "/customer/conferences/",
        "/customer/conferences/?q=nothing of that name",
        "/customer/conferences/{conference}/",
        "/customer/bills/",
        "/customer/bills/{bill}/",
        "/customer/bills/{bill}/pdf/",
        "/customer/bills/unbilled/",
        "/customer/account/",
        "/customer/account/edit/",
        "/customer/profile/",
        "/customer/profile/edit/",
        "/customer/profile/signins/",
        "/customer/profile/email/agree/never-given/",
        "/customer/second-factor/",
        "/customer/password/",
        "/customer/signout/",
    ],
    "basic": [
        "/customer/",
        "/customer/conferences/",
        "/customer/conferences/{conference}/",
        "/customer/bills/",
    ],
    "scheduler": ["/customer/", "/customer/conferences/{conference}/"],
    "biller": ["/customer/", "/customer/bills/{bill}/", "/customer/nothing/"],
}
PUBLIC = [
    "/customer/signin/",
    "/customer/signup/",
    "/customer/signin/disabled/",
    "/customer/password/reset/",
    "/customer/password/reset/sent/",
    "/customer/password/reset/1-never/",
    "/customer/password/reset/done/",
]


def addresses(role, company):
    things = {"conference": company.conference.pk, "bill": company.bill_number}
    return [page.format(**things) for page in PAGES[role]]


def flaws_of(window, addresses):
    """Walk through the pages and return {address: flaws} of those that have any."""
    found = {}
    for address in addresses:
        window.goto(address)
        found[address] = flaws(window)
    return {address: flaws for address, flaws in found.items() if flaws}


@pytest.mark.parametrize("role", PAGES)
def test_pages_of(portal, company, role):
    found = {
        name: flaws_of(portal.signed_in(getattr(company, role), **view), addresses(role, company))
        for name, view in VIEWS.items()
    }

    assert found == {name: {} for name in VIEWS}


def test_public_pages(portal):
    found = {name: flaws_of(portal.open(**view), PUBLIC) for name, view in VIEWS.items()}

    assert found == {name: {} for name in VIEWS}
