"""Every page, wide and on a phone, light and dark: nothing in anybody's way.

The Admin, Basic, Billing and those who have not come in yet walk over all that they may see. The
others see the Admin's pages with less on them: they walk over a third of it each, and over what
is theirs alone.
"""

import pytest

from tests.e2e.conftest import OF_COLORS, RULES, VIEWS, flaws, look
from tests.e2e.visitors import VISITORS, answers_to, pages_of, share_of

#: A phone has the colors of a wide page; test_live_call.py sees to what only a phone shows.
WALKED = [view for view in VIEWS if view != "phone, dark"]
#: Where one arrives only in the middle of something, and which test does.
IN_BETWEEN = {
    "mfa_authenticate": "test_second_factor.py",
    "mfa_reauthenticate_webauthn": "test_second_factor.py",
    "openid_connect_login": "test_single_sign_on.py",
    "sso_again": "test_single_sign_on.py",
}


@pytest.mark.parametrize("visitor", VISITORS, ids=lambda visitor: visitor.__name__)
def test_pages_have_no_flaw_for(portal, company, visitor):
    client = visitor(company)
    pages = share_of(visitor, pages_of(client, company))
    window = portal.of(client)

    found = {}
    for page in pages:
        window.goto(page)
        for view in WALKED:
            look(window, view)
            rules = OF_COLORS if VIEWS[view]["color_scheme"] == "dark" else RULES
            found[page, view] = flaws(window, rules)

    assert {where: what for where, what in found.items() if what} == {}


def test_every_page_is_walked_over_by_somebody(company):
    answers = {}
    for visitor in VISITORS:
        for name, _, answer in answers_to(visitor(company), company):
            answers.setdefault(name, set()).add(answer)

    unseen = {name for name, found in answers.items() if not found & {"page", "only changes"}}
    assert unseen == IN_BETWEEN.keys()
