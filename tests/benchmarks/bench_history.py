"""The call history where there is much of it: its pages, and its files in constant memory.

Run it with `./portal test tests/benchmarks/bench_history.py -s`. It prints times, ratios and how
much the memory of a process grows that writes a file; it asserts that the files are whole.
"""

import os
import time

import pytest
from django.db import connection
from django.urls import reverse

from conferences.models import CallFile, Session
from tests import make
from tests.benchmarks.answering import seconds_for
from tests.children import run_together
from tests.pages import sign_in

SMALL, LARGE = 1_000, 100_000
LEGS_OF_A_CALL, LEGS_OF_THE_LARGEST = 10, 10_000
TIMES = 5

CALLS = """
INSERT INTO conferences_session
    (conference_id, bridge, external_id, started_at, ended_at, billing_code, keyed_code)
SELECT %(conference)s, 'bridge1', %(conference)s || '-' || nth, start, start + interval '2 hours',
       '', ''
FROM generate_series(1, %(calls)s) AS nth,
     LATERAL (SELECT now() - nth * interval '45 minutes' AS start) AS held
"""
LEGS = """
INSERT INTO conferences_leg
    (session_id, bridge, external_id, joined_at, left_at, seconds, caller_name, caller_number,
     dialled_number, access_type, is_moderator, left_because, call_file_id, position)
SELECT session.id, 'bridge1', session.id || '-' || nth, session.started_at,
       session.started_at + make_interval(secs => 61), 61, 'Renée ' || nth, '1212555' || nth, '',
       'local', false, 'hung_up', %(file)s, nth
FROM conferences_session AS session, generate_series(1, %(legs)s) AS nth
WHERE session.conference_id = %(conference)s
"""


def called(account, *, calls, legs):
    """Return a conference of `account` with so many calls of so many legs each."""
    line = make.conference(account=account)
    source = CallFile.objects.create(name="much.csv", sha256="0" * 64, received_at=line.created_at)
    with connection.cursor() as cursor:
        cursor.execute(CALLS, {"conference": line.pk, "calls": calls})
        cursor.execute(LEGS, {"conference": line.pk, "legs": legs, "file": source.pk})
        cursor.execute("ANALYZE conferences_session, conferences_leg")
    return line


@pytest.mark.django_db(transaction=True)
def test_pages_and_files_of_a_long_history(client, admin, account):
    sign_in(client, admin)
    smallest = seconds_for(client, reverse("account_inactive"), times=TIMES)
    print(f"\nThe smallest page: {1000 * smallest:.1f} ms")
    lines = {
        legs: called(account, calls=legs // LEGS_OF_A_CALL, legs=LEGS_OF_A_CALL)
        for legs in (SMALL, LARGE)
    }
    largest = called(account, calls=1, legs=LEGS_OF_THE_LARGEST)
    for what, url in pages(lines[LARGE], largest).items():
        seconds = seconds_for(client, url, times=TIMES)
        print(f"{what}: {1000 * seconds:.0f} ms, {seconds / smallest:.1f} times the smallest page")
    for form in ("csv", "excel"):
        for legs, line in lines.items():
            url = reverse(f"conferences:call_export_{form}", args=[line.pk])
            run_together(lambda legs=legs, url=url, form=form: take(client, url, form, legs))


def pages(line, largest):
    """Return the addresses of what takes longest, by what it is."""
    history = reverse("conferences:call_list", args=[line.pk])
    call = Session.objects.get(conference=largest)
    return {
        f"History of {LARGE:,} legs": history,
        "The same, of one caller": f"{history}?caller=Ren%C3%A9e+7",
        "The same, without a code": f"{history}?is_without_code=on",
        f"Call of {LEGS_OF_THE_LARGEST:,} legs": reverse(
            "conferences:call_view", args=[largest.pk, call.pk]
        ),
        f"Of {LARGE // LEGS_OF_A_CALL:,} calls those without a code": reverse(
            "billing:missing_code_list"
        ),
    }


def take(client, url, form, legs):
    """Take a file as a web server sends it, piece by piece; print what it takes."""
    before, began = peak_memory(), time.process_time()
    size = lines = 0
    for piece in client.get(url):
        size += len(piece)
        lines += piece.count(b"\r\n")
    seconds = time.process_time() - began
    grown = (peak_memory() - before) / 1024
    assert form == "excel" or lines == legs + 1
    print(f"{form} of {legs:,} legs: {size:,} bytes, {seconds:.1f} s of the processor,", end=" ")
    print(f"memory +{grown:.1f} MiB")


def peak_memory():
    """Return the most memory that this process has ever held, in KiB."""
    with open(f"/proc/{os.getpid()}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
