"""Signing in takes the same work for known, unknown, invited and disabled addresses."""

import datetime as dt

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.pages import submit_password

SIGN_IN = reverse("account_login")


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed: the part of a sign-in that takes time."""

    times = 0

    def encode(self, password, salt):
        CountingHasher.times += 1
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def counting(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]


@pytest.fixture
def addresses(account, stranger):
    """Addresses of each kind; whoever has one is there by the password of make.py."""
    soon, past = (timezone.now() + dt.timedelta(hours=hours) for hours in (1, -1))
    invited = {"account": account, "email_confirmed_at": None}
    both = make.user(account=stranger.account, email="both@aurora.example")
    make.user(**invited, email=both.email, password_expires_at=soon)
    return {
        "unknown": "nobody@nowhere.example",
        "known": make.user(account=account).email,
        "disabled": make.user(account=account, is_active=False).email,
        "without a password": make.user(account=account, password=None).email,
        "invited by a link": make.user(**invited, password=None).email,
        "invited by a password": make.user(**invited, password_expires_at=soon).email,
        "invited too long ago": make.user(**invited, password_expires_at=past).email,
        "temporary, too long ago": make.user(account=account, password_expires_at=past).email,
        "known, and invited elsewhere": both.email,
        "staff": make.user().email,
    }


def work_of(client, email, password):
    """Try to sign in; return how many passwords were hashed and what was asked of the database."""
    CountingHasher.times = 0
    with CaptureQueriesContext(connection) as queries:
        submit_password(client, email, password)
    return CountingHasher.times, len(queries)


def test_failing_costs_the_same_for_every_address(client, addresses):
    work = {kind: work_of(client, email, "wrong") for kind, email in addresses.items()}

    assert {passwords for passwords, queries in work.values()} == {2}
    assert len(set(work.values())) == 1, work


@pytest.mark.parametrize("kind", ["invited too long ago", "temporary, too long ago"])
def test_expired_password_fails_at_the_same_cost(client, addresses, kind):
    right = work_of(client, addresses[kind], make.PASSWORD)
    wrong = work_of(client, addresses[kind], "wrong")

    assert right == wrong


def test_refused_try_costs_no_password(client, addresses):
    for _ in range(10):
        work_of(client, addresses["known"], "wrong")

    assert work_of(client, addresses["known"], make.PASSWORD)[0] == 0
