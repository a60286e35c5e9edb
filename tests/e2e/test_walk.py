"""Every page, as everybody, wide and on a phone, light and dark: nothing in anybody's way."""

import pytest

from tests.e2e.conftest import VIEWS, flaws, look
from tests.e2e.visitors import VISITORS, addresses, pages_of

#: Pages on which one arrives only in the middle of something: walked over by the test named.
IN_BETWEEN = {
    "mfa_authenticate": "test_second_factor",
    "mfa_reauthenticate": "test_second_factor",
    "mfa_reauthenticate_webauthn": "test_second_factor",
    "openid_connect_login": "test_single_sign_on",
}
#: Addresses that only take forms, or lead on.
ONLY_CHANGES = {
    "account_first_sign_in_code",
    "account_set_password",
    "account_signup",
    "look_stop",
}


@pytest.mark.parametrize("visitor", VISITORS, ids=lambda visitor: visitor.__name__)
def test_pages_have_no_flaw_for(portal, company, visitor):
    client = visitor(company)
    pages, refusals = pages_of(client, company)
    window = portal.of(client)

    found = {}
    for address in [*pages, *refusals]:
        window.goto(address)
        for view in VIEWS:
            look(window, view)
            found[address, view] = flaws(window)

    assert {where: what for where, what in found.items() if what} == {}


def test_every_page_is_walked_over_by_somebody(company):
    opened = set()
    for visitor in VISITORS:
        pages, _ = pages_of(visitor(company), company)
        opened |= set(pages.values())

    there_are = {name for name, _ in addresses(company, is_stranger=True)}
    assert there_are - opened == ONLY_CHANGES | IN_BETWEEN.keys()
