"""Guessing passwords is slowed down, and no stranger keeps an owner out."""

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from tests import make
from tests.pages import read, submit_password
from users.links import password_link
from users.throttling import EMAIL, EMAIL_FROM_NETWORK, KNOWN_BROWSER, NETWORK, count, forgive

NOW = dt.datetime(2026, 11, 22, 12, 0, 30, tzinfo=dt.UTC)
SIGN_IN = reverse("account_login")
HOME = reverse("home")
HERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def attempt(client, email, password="wrong", address=HERE):
    return submit_password(client, email, password, address=address)


def is_let_in(response):
    return response.status_code == 302


def is_refused(response):
    (message,) = read(response).all("div", **{"class": "alert alert-block alert-danger"})
    return message.text.startswith("Too many tries.")


def strangers(number):
    """Give as many network addresses, each another."""
    return [f"203.0.{index // 250}.{index % 250 + 1}" for index in range(number)]


def besiege(email):
    """Use up what all strangers together may try at `email`."""
    for _ in range(EMAIL.tries):
        count(EMAIL, email, now=NOW)


@pytest.mark.parametrize("tries", [100, pytest.param(1000, marks=pytest.mark.full)])
def test_failures_of_strangers_do_not_lock_the_owner_out(basic, tries):
    owner = Client()
    attempt(owner, basic.email, make.PASSWORD)
    owner.post(reverse("account_logout"))

    refused = [
        is_refused(attempt(Client(), basic.email, address=address)) for address in strangers(tries)
    ]

    assert refused == [False] * EMAIL.tries + [True] * (tries - EMAIL.tries)
    assert is_let_in(attempt(owner, basic.email, make.PASSWORD))
    assert is_refused(attempt(Client(), basic.email, make.PASSWORD))


def test_owner_gets_in_by_a_new_password_from_a_new_browser(basic):
    besiege(basic.email)
    browser = Client()
    page = browser.get(password_link(basic).removeprefix(settings.PORTAL_URL))["Location"]

    browser.post(page, {"password1": "quite another one", "password2": "quite another one"})

    assert is_let_in(attempt(browser, basic.email, "quite another one"))
    assert is_refused(attempt(Client(), basic.email, "quite another one"))


def test_browser_is_known_for_its_own_person_only(basic, admin):
    browser = Client()
    attempt(browser, admin.email, make.PASSWORD)
    browser.post(reverse("account_logout"))
    besiege(basic.email)

    assert is_refused(attempt(browser, basic.email, make.PASSWORD))


def test_several_people_of_one_browser_are_all_known(basic, admin):
    browser = Client()
    for person in (basic, admin):
        attempt(browser, person.email, make.PASSWORD)
        browser.post(reverse("account_logout"))
    besiege(basic.email)

    assert is_let_in(attempt(browser, basic.email, make.PASSWORD))


@pytest.mark.parametrize("value", ["", "made up", "made:up:too"])
def test_forged_cookie_is_that_of_a_stranger(basic, value):
    besiege(basic.email)
    browser = Client()
    browser.cookies[f"browser_{basic.pk}"] = value

    assert is_refused(attempt(browser, basic.email, make.PASSWORD))


def test_cookie_of_another_person_is_that_of_a_stranger(basic, admin):
    besiege(basic.email)
    browser = Client()
    attempt(browser, admin.email, make.PASSWORD)
    browser.post(reverse("account_logout"))
    browser.cookies[f"browser_{basic.pk}"] = browser.cookies[f"browser_{admin.pk}"].value

    assert is_refused(attempt(browser, basic.email, make.PASSWORD))


def test_cookie_is_kept_from_scripts_and_other_sites(basic):
    browser = Client()
    attempt(browser, basic.email, make.PASSWORD)

    cookie = browser.cookies[f"browser_{basic.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/customer/")
    assert cookie["max-age"] == 2 * 365 * 24 * 60 * 60


def test_first_sign_in_makes_no_known_browser(account):
    person = make.user(
        account=account,
        email_confirmed_at=None,
        password_expires_at=NOW + dt.timedelta(hours=1),
    )
    browser = Client()

    attempt(browser, person.email, make.PASSWORD)

    assert f"browser_{person.pk}" not in browser.cookies


def test_known_browser_has_a_limit_of_its_own(basic):
    browser = Client()
    attempt(browser, basic.email, make.PASSWORD)
    browser.post(reverse("account_logout"))

    tries = [is_refused(attempt(browser, basic.email)) for _ in range(KNOWN_BROWSER.tries + 1)]

    assert tries == [False] * KNOWN_BROWSER.tries + [True]
    assert is_let_in(attempt(Client(), basic.email, make.PASSWORD))


@pytest.mark.parametrize("email", ["basic@aurora.example", "nobody@nowhere.example"])
def test_one_network_has_few_tries_for_an_address_known_or_not(basic, email):
    tries = [is_refused(attempt(Client(), email)) for _ in range(EMAIL_FROM_NETWORK.tries + 1)]

    assert tries == [False] * EMAIL_FROM_NETWORK.tries + [True]


def test_one_network_has_a_limit_over_all_addresses(basic):
    tries = [
        is_refused(attempt(Client(), f"person{number}@nowhere.example"))
        for number in range(NETWORK.tries + 1)
    ]

    assert tries == [False] * NETWORK.tries + [True]
    assert is_let_in(attempt(Client(), basic.email, make.PASSWORD, "192.0.2.8"))


def test_ipv6_neighbours_are_one_network(basic):
    tries = [
        is_refused(attempt(Client(), basic.email, address=f"2001:db8::{number + 1:x}"))
        for number in range(EMAIL_FROM_NETWORK.tries + 1)
    ]

    assert tries[-1]


def test_writing_an_address_otherwise_is_no_way_round(basic):
    for number in range(EMAIL_FROM_NETWORK.tries):
        attempt(Client(), basic.email.upper() if number % 2 else f" {basic.email} ")

    assert is_refused(attempt(Client(), basic.email))


def test_right_password_is_not_counted(basic):
    for _ in range(EMAIL_FROM_NETWORK.tries + 1):
        assert is_let_in(attempt(Client(), basic.email, make.PASSWORD))


def test_refusal_says_when_to_try_again_and_then_it_works(basic, clock):
    for _ in range(EMAIL_FROM_NETWORK.tries):
        attempt(Client(), basic.email)

    response = attempt(Client(), basic.email, make.PASSWORD)
    clock.shift(dt.timedelta(minutes=15))

    assert "Wait 15 minutes, or set a new password by" in read(response).one("main").text
    assert is_let_in(attempt(Client(), basic.email, make.PASSWORD))


def test_refusals_are_in_the_log_once_per_burst(basic):
    for _ in range(EMAIL_FROM_NETWORK.tries + 5):
        attempt(Client(), basic.email)

    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", "account", "actor_label"))
    assert verbs == [
        *[("failed to sign in", basic.account_id, basic.email)] * EMAIL_FROM_NETWORK.tries,
        ("was refused after too many tries", basic.account_id, basic.email),
    ]


def test_emptied_cache_keeps_nobody_out(basic):
    counter = count(EMAIL, basic.email, now=NOW)
    cache.clear()

    forgive([counter])

    assert is_let_in(attempt(Client(), basic.email, make.PASSWORD))


def test_cache_emptied_while_counting_counts_anew(monkeypatch):
    monkeypatch.setattr(cache, "add", lambda *args, **kwargs: False)

    assert count(EMAIL, "gone@example.com", now=NOW)
