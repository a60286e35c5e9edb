"""Every address of the portal has a declared answer for everybody; a new one without fails here.

2 is the page, 3 a redirect (to the sign-in page, the start page or the back office), otherwise the
status. "another" is the admin of another account; things are those of the first account.
"""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import make
from tests.pages import sign_in

READERS = ["nobody", "admin", "schedule", "basic", "basic, View", "billing", "another", "staff"]
ANSWERS = {
    #                                 nob adm sch bas vie bil ano sta
    "home":                          "3   2   2   2   2   2   2   3",
    "accounts:account_view":         "3   2   403 403 403 403 2   3",
    "users:user_add":                "3   2   403 403 403 403 2   3",
    "users:user_view":               "3   2   404 404 404 404 404 3",
    "users:rights_edit":             "3   2   404 404 404 404 404 3",
    "users:rights_draft":            "3   405 405 405 405 405 405 3",
    "users:user_disable":            "3   405 405 405 405 405 405 3",
    "users:user_enable":             "3   405 405 405 405 405 405 3",
    "users:user_end_sign_ins":       "3   405 405 405 405 405 405 3",
    "users:user_invite":             "3   405 405 405 405 405 405 3",
    "users:user_remove":             "3   2   404 404 404 404 404 3",
    "accounts:log_list":             "3   2   403 403 403 403 2   3",
    "accounts:log_export":           "3   2   403 403 403 403 2   3",
    "billing:account_edit":          "3   2   403 403 403 403 2   3",
    "conferences:conference_list":   "3   2   2   2   2   403 2   3",
    "conferences:conference_view":   "3   2   404 404 2   404 404 3",
    "billing:bill_list":             "3   2   403 403 403 2   2   3",
    "billing:bill_view":             "3   2   404 404 404 2   404 3",
    "billing:bill_pdf":              "3   2   404 404 404 2   404 3",
    "billing:unbilled_view":         "3   2   403 403 403 2   2   3",
    "look_allow":                    "3   404 404 404 404 404 404 3",
    "look_stop":                     "3   404 404 404 404 404 404 3",
    "users:second_factor_require":  "3   405 405 405 405 405 405 3",
    "profile:profile_view":         "3   2   2   2   2   2   2   2",
    "profile:profile_edit":         "3   2   2   2   2   2   2   2",
    "profile:email_change":         "3   3   3   3   3   3   3   3",
    "profile:email_cancel":         "3   405 405 405 405 405 405 405",
    "profile:email_agree":          "410 410 410 410 410 410 410 410",
    "profile:email_stop":           "405 405 405 405 405 405 405 405",
    "profile:sign_in_list":         "3   2   2   2   2   2   2   2",
    "profile:sign_in_end":          "3   405 405 405 405 405 405 405",
    "profile:sign_in_end_others":   "3   405 405 405 405 405 405 405",
    "profile:second_factor_later":  "3   405 405 405 405 405 405 405",
    "mfa_index":                    "3   2   2   2   2   2   2   2",
    "mfa_authenticate":             "3   3   3   3   3   3   3   3",
    "mfa_reauthenticate":           "3   3   3   3   3   3   3   3",
    "mfa_activate_totp":            "3   3   3   3   3   3   3   3",
    "mfa_add_webauthn":             "3   3   3   3   3   3   3   3",
    "mfa_reauthenticate_webauthn":  "3   3   3   3   3   3   3   3",
    "mfa_login_webauthn":           "3   3   3   3   3   3   3   3",
    "mfa_view_recovery_codes":      "3   404 404 404 404 404 404 404",
    "mfa_generate_recovery_codes":  "3   3   3   3   3   3   3   3",
    "mfa_download_recovery_codes":  "3   404 404 404 404 404 404 404",
    "mfa_remove":                   "3   3   3   3   3   3   3   3",
    "account_login":                 "2   3   3   3   3   3   3   3",
    "account_first_sign_in":         "3   3   3   3   3   3   3   3",
    "account_first_sign_in_code":    "3   405 405 405 405 405 405 405",
    "account_logout":                "3   2   2   2   2   2   2   2",
    "account_signup":                "2   3   3   3   3   3   3   3",
    "account_inactive":              "2   2   2   2   2   2   2   2",
    "account_reauthenticate":        "3   2   2   2   2   2   2   2",
    "account_change_password":       "3   2   2   2   2   2   2   2",
    "account_set_password":          "3   3   3   3   3   3   3   3",
    "account_reset_password":        "2   2   2   2   2   2   2   2",
    "account_reset_password_done":   "2   2   2   2   2   2   2   2",
    "sso_start":                     "2   3   3   3   3   3   3   3",
    "sso_again":                     "3   3   3   3   3   3   3   3",
    "openid_connect_login":          "3   3   3   3   3   3   3   3",
    "openid_connect_callback":       "400 400 400 400 400 400 400 400",
    "account_reset_password_from_key":      "2 2 2 2 2 2 2 2",
    "account_reset_password_from_key_done": "2 2 2 2 2 2 2 2",
}  # fmt: skip
#: What people change about themselves and their account: these take a POST.
CHANGES = {
    "profile:profile_edit", "profile:email_change", "profile:email_cancel", "profile:email_agree",
    "profile:email_stop", "profile:sign_in_end", "profile:sign_in_end_others",
    "profile:second_factor_later", "users:second_factor_require",
}  # fmt: skip
#: What only reads answers every other method with 405, once somebody is signed in.
READ_ONLY = [
    name
    for name in ANSWERS
    if name in {"home", "users:user_view"} or (":" in name and not name.startswith("users:"))
]
CHANGING = {"billing:account_edit"}
READ_ONLY = [name for name in ANSWERS if (":" in name or name == "home") and name not in CHANGING]
READ_ONLY = [name for name in ANSWERS if (":" in name or name == "home") and name not in CHANGES]


@pytest.fixture
def people(account, admin, scheduler, basic, biller, stranger, staff, conference):
    viewer = make.user(account=account, role="basic")
    make.rights(viewer, conference, "view")
    signed_in = [admin, scheduler, basic, viewer, biller, stranger, staff]
    return dict(zip(READERS, [None, *signed_in], strict=True))


@pytest.fixture
def addresses(account, conference, people):
    bill = make.issued(account, "2026-03", dollars=5)
    needed = {
        "conferences:conference_view": [conference.pk],
        "billing:bill_view": [bill.number],
        "billing:bill_pdf": [bill.number],
        "openid_connect_login": ["nowhere"],
        "openid_connect_callback": ["nowhere"],
        "account_reset_password_from_key": ["1", "never-given"],
        "profile:email_agree": ["never-given"],
        "profile:email_stop": ["never-given"],
        "profile:sign_in_end": [1],
        "mfa_remove": [1],
    }
    of_one_person = [name for name in ANSWERS if name.startswith("users:") and "add" not in name]
    needed |= {name: [people["basic"].pk] for name in of_one_person}
    return {name: reverse(name, args=needed.get(name)) for name in ANSWERS}


def names_under(prefix, resolver=None, path="", namespace=""):
    """List the names of all addresses that start with `prefix`."""
    names = set()
    for entry in (resolver or get_resolver()).url_patterns:
        here = path + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            names |= names_under(prefix, entry, here, inner)
        elif isinstance(entry, URLPattern) and here.startswith(prefix):
            names.add(f"{namespace}{entry.name}")
    return names


def test_every_address_has_a_declared_answer():
    assert names_under("customer/") == set(ANSWERS)


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(people, addresses, name):
    answers = {}
    for reader, person in people.items():
        client = Client()
        if person is not None:
            sign_in(client, person)
        status = client.get(addresses[name]).status_code
        answers[reader] = status if status >= 400 else status // 100

    assert answers == dict(zip(READERS, map(int, ANSWERS[name].split()), strict=True))


def test_pages_that_only_read_refuse_to_change(client, people, addresses):
    sign_in(client, people["admin"])

    answers = {
        (name, method): getattr(client, method)(addresses[name]).status_code
        for name in READ_ONLY
        for method in ("post", "put", "patch", "delete")
    }

    assert set(answers.values()) == {405}
