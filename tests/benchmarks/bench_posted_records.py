"""Posting reports of channels, and taking them in with the legs that waited for them.

Run it with `./portal test tests/benchmarks/bench_posted_records.py -s`. It prints how many posts a
second are answered beside writing the same bodies safely to disk and nothing more, and how many
legs come in beside those of the conferences' records alone.
"""

import datetime as dt
import json
import os
import time
import uuid

import pytest

from conferences.models import Bridge, Leg
from conferences.records import intake, spool
from conferences.services.bridges import make_key
from tests import make
from tests.conferences.channel_reports import T0, report
from tests.conferences.freeswitch_writer import Caller, conference_cdr

LEGS, PER_CONFERENCE = 2_000, 10
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def per_second(work):
    began = time.perf_counter()
    work()
    return LEGS / (time.perf_counter() - began)


def conferences(folder, prefix):
    """Write conferences of LEGS callers, and give each caller with the conference's id."""
    for first in range(0, LEGS, PER_CONFERENCE):
        session = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{prefix}{first}"))
        callers = [
            Caller(
                T0 + 60, T0 + 1800, f"Caller {n}", f"1212{n:07}",
                str(uuid.uuid5(uuid.NAMESPACE_URL, f"{prefix}/{n}")),
            )
            for n in range(first, first + PER_CONFERENCE)
        ]  # fmt: skip
        cdr = conference_cdr(number="30125", started=T0, ended=T0 + 1800, members=callers)
        (folder / f"{session}.cdr.xml").write_text(cdr)
        yield from ((session, caller) for caller in callers)


def body_of(session, caller):
    told = {"started": caller.joined - 5, "ended": caller.left, "number": caller.number}
    return json.dumps(report(caller.uuid, **told, conference_uuid=session)).encode()


def write_safely(folder, bodies):
    for number, body in enumerate(bodies):
        with (folder / f"{number}").open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())


@pytest.mark.django_db
def test_posting_and_taking_in(client, account, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    make.dial_in_number(number="18005550100")
    make.conference(account=account, number="30125")
    bridge = make.bridge(name="bridge1")
    headers = {"Authorization": f"Bearer {make_key(bridge, now=NOW)}"}
    folders = [tmp_path / name for name in ("alone", "joined", "plain")]
    for folder in folders:
        folder.mkdir()
    alone, joined, plain = folders
    list(conferences(alone, "alone"))
    bodies = [body_of(*each) for each in conferences(joined, "joined")]
    Bridge.objects.update(sends_json_cdr=False)
    by_itself = per_second(lambda: intake.take_in(sorted(alone.iterdir()), now=NOW))
    Bridge.objects.update(sends_json_cdr=True)
    intake.take_in(sorted(joined.iterdir()), now=NOW)

    def post():
        for body in bodies:
            client.post("/bridge/records/", body, "application/json", headers=headers)

    written = per_second(lambda: write_safely(plain, bodies))
    posted = per_second(post)
    taken = per_second(lambda: spool.take_in_spool(now=NOW))

    print(f"\nposted: {posted:,.0f}/s, {posted / written:.2f} of {written:,.0f}/s written to disk")
    print(f"joined: {taken:,.0f} legs/s, {taken / by_itself:.2f} of {by_itself:,.0f}/s alone")
    assert Leg.objects.count() == 2 * LEGS
