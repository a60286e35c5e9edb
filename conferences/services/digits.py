"""Digits for new PINs: drawn by lot, easy to nobody, and never two callers' at once."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from conferences.models import Pin
from conferences.models.pin import digest_of, digests_of, sealed

PIN_LENGTH = 9
#: So many digits in a row that are equal, or count up or down, make a PIN easy to guess.
GUESSABLE_RUN = 4
#: How often digits are drawn anew; of a billion, so many are never all taken.
DRAWS = 20
#: The advisory lock of those who give out digits while there are several hash keys.
ONE_AT_A_TIME = 7_461_001


class NoFreeDigits(Exception):
    """Whatever was drawn is in use, or rests."""


@transaction.atomic
def store_with_digits(pins: Sequence[Pin]) -> list[Pin]:
    """Give each of the new `pins` digits of its own, and store them all.

    Raises NoFreeDigits.
    """
    hold_digits()
    for _ in range(DRAWS):
        for pin, digits in zip(pins, draw_free(len(pins)), strict=True):
            pin.sealed_digits, pin.digest = sealed(digits), digest_of(digits)
        try:
            with transaction.atomic():
                return Pin.objects.bulk_create(pins)
        except IntegrityError as error:  # somebody was given one of them in this very moment
            if not is_taken(error):
                raise
    raise NoFreeDigits


def hold_digits() -> None:
    """While the hash key is being changed, let others wait who give out digits too.

    Two hashes of the same digits do not collide, so the constraint could not tell them apart.
    """
    if len(settings.PIN_HASH_KEYS) > 1:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def draw_free(count: int) -> list[str]:
    """Draw digits for `count` PINs, such as no PIN has under any key. Raises NoFreeDigits."""
    drawn: set[str] = set()
    for _ in range(DRAWS):
        drawn.update(draw_digits() for _ in range(count - len(drawn)))
        drawn -= taken_among(drawn)
        if len(drawn) == count:
            return list(drawn)
    raise NoFreeDigits


def taken_among(drawn: Collection[str]) -> set[str]:
    """Return which of the digits are in use, or rest."""
    digits_by_digest = {digest: digits for digits in drawn for digest in digests_of(digits)}
    taken = Pin.objects.filter(digest__in=digits_by_digest)
    return {digits_by_digest[digest] for digest in taken.values_list("digest", flat=True)}


def is_taken(error: IntegrityError) -> bool:
    """Tell whether a PIN was refused because its digits are in use, or rest."""
    return error.__cause__.diag.constraint_name == "pin_is_unique_over_the_bridge"


def draw_digits() -> str:
    """Draw the digits of a PIN, such that nobody guesses them first."""
    while True:
        digits = f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}}"
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
