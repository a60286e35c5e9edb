"""A taking-in that is killed, or that runs twice at once, ends as if it had run once in peace."""

import datetime as dt
import os
import signal
import traceback

import pytest
from django.db import connection, connections

from conferences.models import CallFile, Leg, QuarantinedRecord
from conferences.records import intake
from tests import make
from tests.conferences.call_tables import stored, write_tables

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
FILES, ROWS = 4, 5
#: More steps than the taking-in of FILES needs.
MOST_STEPS = 80

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def files(tmp_path, account, monkeypatch):
    """Four files in two handfuls; the last record of each names no known conference."""
    monkeypatch.setattr(intake, "HANDFUL", 2 * ROWS)
    make.dial_in_number(number="18005550100")
    make.conference(account=account, number="30125")
    tables = [
        [{"session_id": f"s-{n}", "leg_id": f"{n}-{m}"} for m in range(ROWS - 1)]
        + [{"session_id": f"s-{n}", "leg_id": f"{n}-x", "conference": "99999"}]
        for n in range(FILES)
    ]
    return write_tables(tmp_path, *tables)


def in_child(work):
    """Do `work` in a process of its own, and return that process's id."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)
    return child


def ended(child):
    """Wait for a child; return the signal that killed it, or 0 if it finished its work."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status <= 0
    return -status


def killed_at(step, files):
    """Take `files` in, and be killed after so many steps: SQL statements, and files just read."""
    steps = 0

    def stepped(_=None):
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def count(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        stepped()
        return result

    with connection.execute_wrapper(count):
        intake.take_in(files, now=NOW, told=stepped)


def whole():
    """What is stored after a taking-in in peace, and its totals over all call files."""
    assert Leg.objects.count() == FILES * (ROWS - 1)
    assert QuarantinedRecord.objects.waiting().count() == FILES
    return stored()


def test_a_taking_in_killed_anywhere_ends_well_when_run_again(files):
    signals = []
    for step in range(1, MOST_STEPS):
        signals.append(ended(in_child(lambda step=step: killed_at(step, files))))
        in_before = CallFile.objects.count()

        total = intake.take_in(files, now=NOW)

        assert in_before in (0, FILES // 2, FILES)
        assert (total.records, total.quarantined) == (FILES * ROWS, FILES)
        assert total.duplicates == in_before * (ROWS - 1)
        whole()
        if not signals[-1]:
            break
        empty_the_tables()
    assert signals[-1] == 0
    assert set(signals[:-1]) == {signal.SIGKILL}
    assert len(signals) > 20


def empty_the_tables():
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE conferences_leg, conferences_session, conferences_quarantinedrecord,"
            " conferences_callfile CASCADE"
        )


def test_the_same_files_taken_in_at_once_are_in_once(files):
    children = [in_child(lambda: intake.take_in(files, now=NOW)) for _ in range(4)]

    assert [ended(child) for child in children] == [0] * 4
    whole()
    counts = CallFile.objects.values_list("accepted", "duplicates", "quarantined")
    assert sorted(counts) == sorted([(ROWS - 1, 0, 1)] * FILES + [(0, ROWS - 1, 1)] * (3 * FILES))


def test_without_the_lock_two_at_once_get_in_each_other_s_way(files, monkeypatch):
    """The control: what the lock prevents does happen without it."""
    monkeypatch.setattr(intake, "HANDFUL", 10**9)
    monkeypatch.setattr(intake.judging, "MADE_KNOWN", "SELECT pg_sleep(0.3)")
    lock = intake.CursorWrapper.execute

    def without_lock(cursor, sql, params=None):
        if "pg_advisory_xact_lock" in sql:
            return None
        if "INSERT INTO conferences_session" in sql:
            lock(cursor, "SELECT pg_sleep(0.3)")
        return lock(cursor, sql, params)

    monkeypatch.setattr(intake.CursorWrapper, "execute", without_lock)

    children = [in_child(lambda: intake.take_in(files, now=NOW)) for _ in range(2)]
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]

    assert sorted(statuses) == [0, 1]
