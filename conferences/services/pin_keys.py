"""Changing the keys of PINs: each is sealed and hashed anew, while all goes on.

Meanwhile both settings hold the old keys behind the new: whoever looks up, adds or reveals knows
PINs under either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from accounts import sealing
from conferences.models import Pin
from conferences.models.pin import digest_of

#: How many PINs are locked and written together.
BATCH = 1_000
#: Not by bulk_update: its CASE would be searched for each row.
WRITE = """
UPDATE conferences_pin AS pin SET sealed_digits = renewed.seal, digest = renewed.digest
FROM unnest(%s::bigint[], %s::bytea[], %s::text[]) AS renewed (id, seal, digest)
WHERE pin.id = renewed.id
"""


class UnknownKey(Exception):
    """A PIN was sealed with a key that is not among PIN_KEYS."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How many PINs were looked at in one batch, and how many of them were renewed."""

    pins: int
    renewed: int


def renew_pins() -> Iterator[Looked]:
    """Bring every PIN, removed ones too, under the newest keys, in batches of their own.

    Stopped anywhere and begun again, it passes over what is done. Raises UnknownKey.
    """
    last = 0
    while True:
        with transaction.atomic():
            pins = list(
                Pin.objects.select_for_update(no_key=True)
                .filter(pk__gt=last)
                .order_by("pk")[:BATCH]
            )
            renewed = _write([pin for pin in pins if _renew(pin)])
        if not pins:
            return
        last = pins[-1].pk
        yield Looked(len(pins), renewed)


def _renew(pin: Pin) -> bool:
    """Set what the newest keys make of `pin`, not stored yet; tell whether anything differs."""
    before = (bytes(pin.sealed_digits), pin.digest)
    try:
        pin.sealed_digits = sealing.renewed(before[0], keys=settings.PIN_KEYS)
    except sealing.InvalidToken as error:
        raise UnknownKey(str(pin.pk)) from error
    if pin.digest is not None:
        pin.digest = digest_of(pin.digits)
    return (pin.sealed_digits, pin.digest) != before


def _write(pins: list[Pin]) -> int:
    rows = [(pin.pk, pin.sealed_digits, pin.digest) for pin in pins]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [list(column) for column in zip(*rows, strict=True)])
    return len(rows)
