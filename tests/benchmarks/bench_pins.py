"""New PINs and the look-up of PINs beside a million of them, and beside none.

Run it with `./portal test tests/benchmarks/bench_pins.py -s`. It prints the ratios; it asserts
that all PINs are there; that none is there twice, the database sees to.
"""

import datetime as dt
import time
from statistics import median

import pytest
from django.db import connection

from accounts.actors import Actor
from conferences.models import Pin
from conferences.models.pin import digest_of, sealed
from conferences.services.digits import PIN_LENGTH
from conferences.services.pin_keys import renew_pins
from conferences.services.pins import NewPin, add_pin, add_pins
from tests import make

MILLION = 1_000_000
TIMES = 7
NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
COPY = """
COPY conferences_pin (conference_id, kind, holder_name, sealed_digits, digest, created_at)
FROM STDIN
"""


@pytest.fixture
def by(admin):
    return Actor(user=admin)


def fill(conference, count):
    """Copy PINs in; their seals are all the same, as only their digests count here."""
    taken = set(Pin.objects.values_list("digest", flat=True))
    seal = "\\x" + sealed("0" * PIN_LENGTH).hex()
    with connection.cursor() as cursor:
        with cursor.copy(COPY) as copy:
            for number in range(count):
                digest = digest_of(f"{number * 997:0{PIN_LENGTH}}")
                if digest not in taken:
                    copy.write_row((conference.pk, "participant", "", seal, digest, NOW))
        cursor.execute("ANALYZE conferences_pin")


def seconds_for(work):
    """Return the median time of doing `work` some times."""
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent)


def test_pins_beside_a_million(account, by):
    crowded, mine = make.conference(account=account), make.conference(account=account)
    thousand = [NewPin(kind="participant", holder_name=f"Guest {n}") for n in range(1_000)]
    works = {
        "adding one PIN": lambda: add_pin(mine, "participant", by=by, now=NOW),
        "adding 1,000 PINs": lambda: add_pins(mine, thousand, by=by, now=NOW),
        "finding a PIN by its digits": lambda: Pin.objects.with_digits("000997000").first(),
    }
    alone = {what: seconds_for(work) for what, work in works.items()}

    began = time.perf_counter()
    fill(crowded, MILLION)
    print(f"\n{MILLION:,} PINs copied in: {time.perf_counter() - began:.0f} s")

    for what, work in works.items():
        beside = seconds_for(work)
        ratio = beside / alone[what]
        print(
            f"{what}: {1000 * alone[what]:.1f} ms beside none, {1000 * beside:.1f} ms beside a"
            f" million, ratio {ratio:.2f}"
        )
    assert mine.pins.count() == 2 * TIMES * 1_001


def test_changing_the_keys(account, by, settings):
    conference = make.conference(account=account)
    wanted = [NewPin(kind="participant")] * 10_000
    add_pins(conference, wanted, by=by, now=NOW)
    settings.PIN_HASH_KEYS = ["new", *settings.PIN_HASH_KEYS]

    for what in ("renewing", "passing over"):
        began = time.perf_counter()
        pins = sum(looked.pins for looked in renew_pins())
        seconds = time.perf_counter() - began
        print(f"\n{what} PINs under changed keys: {pins / seconds:,.0f} a second")
