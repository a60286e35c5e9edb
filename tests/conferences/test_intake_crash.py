"""A taking-in that is killed, or that runs twice at once, ends as if it had run once in peace."""

import datetime as dt
import os
import random
import signal
import sys
import traceback

import pytest
from django.db import connection, connections

from conferences.folder import take_in_folder
from conferences.models import CallFile, Channel, Leg, QuarantinedRecord
from conferences.records import arriving, intake
from conferences.services.call_files import assemble_legs
from tests import kill_points, make
from tests.conferences.call_tables import stored, write_tables
from tests.conferences.feeds import FEEDS
from tests.plugins.full import at_length

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
FILES, ROWS = 4, 5
#: More steps than the taking-in of FILES needs.
MOST_STEPS = 80
#: The SQL statements of every taking-in of one file, at the least.
STEPS_OF_SQL = 12

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(account):
    make.dial_in_number(number="18005550100")
    return make.conference(account=account, number="30125")


@pytest.fixture
def files(tmp_path, line, monkeypatch):
    """Four files in two handfuls; the last record of each names no known conference."""
    monkeypatch.setattr(intake, "HANDFUL", 2 * ROWS)
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
    every = at_length(short=5, full=1)
    for step in range(1, MOST_STEPS, every):
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
    assert len(signals) > 20 // every


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


@pytest.fixture
def chance():
    seed = random.randrange(10**6)
    sys.stdout.write(f"chance was seeded with {seed}\n")
    return random.Random(seed)


def test_a_large_file_killed_at_random_is_in_once(tmp_path, line, chance):
    legs = at_length(short=2_000, full=100_000)
    rows = [{"session_id": f"s-{n // 10}", "leg_id": f"l-{n}"} for n in range(legs)]
    [file] = write_tables(tmp_path, rows)
    steps = legs // arriving.TOLD_EVERY + STEPS_OF_SQL
    for _ in range(at_length(short=4, full=20)):
        step = chance.randint(1, steps)
        assert ended(in_child(lambda step=step: killed_at(step, [file]))) == signal.SIGKILL
        assert CallFile.objects.count() == Leg.objects.count() == 0

    total = intake.take_in([file], now=NOW)
    again = intake.take_in([file], now=NOW)

    assert (total.accepted, total.records) == (legs, legs)
    assert (again.duplicates, again.records) == (legs, legs)
    assert Leg.objects.count() == legs


def take_in_calls(folder):
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)
    take_in_folder(folder, now=later)
    assemble_legs(now=later, settled_after=dt.timedelta(0))


def killed_on_the_way(point, folder):
    kill_points.install(kill_points.Counter(kill_at=point))
    take_in_calls(folder)


def test_a_watched_log_killed_at_random_is_in_once(tmp_path, line, chance):
    make.dial_in_number(number="30125")
    feed = FEEDS["events"]
    place = tmp_path / "asterisk1"
    place.mkdir()
    feed.write(place, [feed.records])

    for _ in range(at_length(short=6, full=30)):
        point = chance.randint(1, 80)
        ended(in_child(lambda point=point: killed_on_the_way(point, tmp_path)))
    take_in_calls(tmp_path)

    logs = CallFile.objects.filter(name="0.jsonl")
    broken = 2
    assert sum(log.accepted for log in logs) == len(feed.records) - broken
    assert Leg.objects.count() == 4
    assert not Channel.objects.waiting().exists()
    assert list(place.rglob("*.jsonl")) == [place / "done" / "0.jsonl"]
