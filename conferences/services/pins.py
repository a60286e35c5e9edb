"""Giving conferences PINs."""

import datetime as dt
import itertools
import secrets

from django.db import IntegrityError, transaction

from conferences.models import Conference, Pin
from conferences.models.pin import digest_of, sealed

PIN_LENGTH = 9
#: So many digits in a row that are equal, or count up or down, make a PIN easy to guess.
GUESSABLE_RUN = 4
#: How often digits are drawn for one PIN; of a billion, so many are never all taken.
DRAWS = 20


def add_pin(
    conference: Conference, kind: Pin.Kind, *, now: dt.datetime, holder_name: str = ""
) -> Pin:
    """Give `conference` a PIN that nobody chose and no other conference has, and return it."""
    draws = itertools.count(1)
    while True:
        digits = draw_digits()
        try:
            with transaction.atomic():
                return Pin.objects.create(
                    conference=conference,
                    kind=kind,
                    holder_name=holder_name,
                    sealed_digits=sealed(digits),
                    digest=digest_of(digits),
                    created_at=now,
                )
        except IntegrityError as error:
            if next(draws) == DRAWS or not is_taken(error):
                raise


def is_taken(error: IntegrityError) -> bool:
    """Tell whether a PIN was refused because its digits are in use, or rest."""
    return error.__cause__.diag.constraint_name == "pin_is_unique_over_the_bridge"


def draw_digits() -> str:
    """Draw the digits of a PIN, such that nobody guesses them first."""
    while True:
        digits = "".join(secrets.choice("0123456789") for _ in range(PIN_LENGTH))
        if not is_guessable(digits):
            return digits


def is_guessable(digits: str) -> bool:
    """Tell whether `digits` hold a run such as 7777, 3456 or 9876."""
    steps = [int(right) - int(left) for left, right in itertools.pairwise(digits)]
    longest = GUESSABLE_RUN - 1
    return any(
        set(steps[start : start + longest]) in ({0}, {1}, {-1})
        for start in range(len(steps) - longest + 1)
    )
