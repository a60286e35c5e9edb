"""Limits of tries to get in, which no stranger can use up for somebody else.

A browser that a person has signed in by before is known by its cookie, and its tries are counted
apart from those of strangers. So an address that strangers are kept from stays open to its owner:
in their known browsers, and in one that has just set a new password by the link in a letter.
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import ngettext

from users.models import User

MINUTE = 60
HOUR = 60 * MINUTE
COOKIE_AGE = dt.timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in a window of so many seconds; windows follow each other without overlap."""

    name: str
    tries: int
    seconds: int


KNOWN_BROWSER = Limit("known browser", tries=10, seconds=15 * MINUTE)
#: Strangers, by network address (IPv6: its /64), by that and the e-mail, and by the e-mail alone.
NETWORK = Limit("network", tries=60, seconds=15 * MINUTE)
EMAIL_FROM_NETWORK = Limit("e-mail from network", tries=10, seconds=15 * MINUTE)
EMAIL = Limit("e-mail", tries=50, seconds=HOUR)
PROOF_CODE = Limit("proof code", tries=5, seconds=15 * MINUTE)
#: Each change of address that is asked for writes to an address that one names.
EMAIL_CHANGE = Limit("e-mail change", tries=5, seconds=HOUR)
#: By account and address, so that no Admin can flood a stranger's mailbox in our name.
INVITATION = Limit("invitation", tries=10, seconds=24 * HOUR)
CODE_LETTER = Limit("code letter", tries=3, seconds=15 * MINUTE)


class TooManyTries(Exception):
    """No more until `until`; `is_first` where no try of this window was refused before."""

    def __init__(self, limit: Limit, *, until: dt.datetime, is_first: bool) -> None:
        super().__init__(limit.name)
        self.until = until
        self.is_first = is_first


def count_sign_in(
    request: HttpRequest, email: str, person: User | None, *, now: dt.datetime
) -> list[str]:
    """Count a try to sign in, and return the counters to forgive it by.

    `person` is who signs in by `email`. Raises TooManyTries.
    """
    if browser := known_browser(request, person):
        return [count(KNOWN_BROWSER, browser, now=now)]
    network, email = get_ip(request), email.lower()
    return [
        count(NETWORK, network, now=now),
        count(EMAIL_FROM_NETWORK, f"{network} {email}", now=now),
        count(EMAIL, email, now=now),
    ]


def count(limit: Limit, subject: object, *, now: dt.datetime) -> str:
    """Count one more try of `subject`, and return its counter. Raises TooManyTries."""
    window = _window(limit, now)
    counter = _counter(limit, subject, window)
    cache.add(counter, 0, timeout=2 * limit.seconds)  # outlives its window
    try:
        tries = cache.incr(counter)
    except ValueError:  # the cache has been emptied in between
        tries = 1
    if tries > limit.tries:
        until = dt.datetime.fromtimestamp((window + 1) * limit.seconds, tz=dt.UTC)
        raise TooManyTries(limit, until=until, is_first=tries == limit.tries + 1)
    return counter


def used_up(subjects: Mapping[Limit, object], *, now: dt.datetime) -> set[Limit]:
    """Return which limits have no more tries for their subject; counts nothing, asks once."""
    counters = {
        limit: _counter(limit, subject, _window(limit, now)) for limit, subject in subjects.items()
    }
    tries = cache.get_many(counters.values())
    return {limit for limit, counter in counters.items() if tries.get(counter, 0) >= limit.tries}


def forgive(counters: list[str]) -> None:
    """Take back a try that turned out to be right."""
    for counter in counters:
        with suppress(ValueError):  # where the cache has been emptied, there is nothing to forgive
            cache.decr(counter)


def wait_in_words(refusal: TooManyTries, *, now: dt.datetime) -> str:
    """Say how long it takes until a try counts again, and what helps meanwhile."""
    minutes = -((now - refusal.until) // dt.timedelta(minutes=1))
    return ngettext(
        "Too many tries. Wait %(minutes)d minute, or set a new password by"
        " “Forgot your password?”.",
        "Too many tries. Wait %(minutes)d minutes, or set a new password by"
        " “Forgot your password?”.",
        minutes,
    ) % {"minutes": minutes}


def known_browser(request: HttpRequest, person: User | None) -> str | None:
    """Return which browser of `person` this is; None where they never signed in by it."""
    if person is None:
        return None
    return request.get_signed_cookie(_cookie_of(person), default=None, max_age=COOKIE_AGE)


def remember_browser(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Let the browser that gets `response` be known as one of `person`."""
    response.set_signed_cookie(
        _cookie_of(person),
        known_browser(request, person) or get_random_string(22),
        max_age=COOKIE_AGE,
        path=reverse("home"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _window(limit: Limit, now: dt.datetime) -> int:
    """Return the number of the limit's window that holds `now`."""
    return int(now.timestamp()) // limit.seconds


def _counter(limit: Limit, subject: object, window: int) -> str:
    """Return the name under which tries are counted; it reveals nothing of the subject."""
    fact = f"{limit.name}:{window}:{subject}"
    return f"tries:{hashlib.sha256(fact.encode()).hexdigest()}"


def _cookie_of(person: User) -> str:
    """Name the cookie for one person: several may share a browser. Its signature holds its name."""
    return f"browser_{person.pk}"
