"""The one way in for call records: files are read, every record is judged, and all is counted.

Files are taken in by handfuls, each handful in one transaction: a crash leaves whole handfuls, and
taking the same files in again gives the same legs. Records stream into a temporary table while the
files are read; only the judging is done one at a time, under a lock, so two processes that bring
the same records come out as one after the other would.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum
from psycopg import Copy

from conferences.models import CallFile, QuarantinedRecord
from conferences.records import formats, judging, quarantine
from conferences.records.leg import LegRecord, ParsedFile, Unreadable, storable
from conferences.records.origin import UNKNOWN, Origin

#: A handful ends with the file that makes it hold so many records.
HANDFUL = 50_000
#: After how many records the caller hears of it.
TOLD_EVERY = 1_000
#: Which lock is held while arrivals are judged.
LOCK = 0x1E65
_COPY = """
COPY arriving (
    place, file, position, bridge, external_id, session_external_id, conference_number, joined_at,
    left_at, caller_name, caller_number, dialled_number, is_outdial, is_moderator, left_because,
    pin_reference, content, leg_key, session_key, problem, raw
) FROM STDIN
"""
_NO_LEG = (None,) * 14
Told: TypeAlias = Callable[[int], None]


@dataclass(frozen=True)
class Intake:
    """What became of the records; the first three add up to what came in."""

    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    recording_nodes: int = 0
    rejected_attempts: int = 0
    other_calls: int = 0

    @property
    def records(self) -> int:
        return self.accepted + self.duplicates + self.quarantined

    def __add__(self, other: Intake) -> Intake:
        names = [field.name for field in fields(self)]
        return Intake(*(getattr(self, name) + getattr(other, name) for name in names))


def take_in(
    paths: Iterable[Path],
    *,
    now: dt.datetime,
    told: Told = lambda count: None,
    origin: Origin = UNKNOWN,
) -> Intake:
    """Take in the call records of the files, all from one `origin`, and return the totals.

    `told` is called with the bytes read since it was last called. Raises OSError where a file
    cannot be read; the handfuls before it are in.
    """
    began = monotonic()
    total = Intake()
    waiting = iter(paths)
    while True:
        with transaction.atomic():
            handful = _arrive(waiting, origin, now, told)
            if not handful:
                return total
            _judge(handful, now)
            _finish(handful, now + dt.timedelta(seconds=monotonic() - began))
        total += _counts(handful)


def retry(record: QuarantinedRecord, *, now: dt.datetime) -> Intake:
    """Take in a quarantined record again, after its cause was mended.

    It is released if it is accepted now, or found to be stored already; else it stays, with the
    reason that keeps it now. What cannot be read stays: only another file can mend it.
    """
    if record.reason == QuarantinedRecord.Reason.UNREADABLE:
        return Intake(quarantined=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / record.call_file.name
        path.write_bytes(record.raw.encode())
        return take_in([path], now=now)


def _arrive(paths: Iterator[Path], origin: Origin, now: dt.datetime, told: Told) -> list[CallFile]:
    """Read files until they make a handful; their records wait in the table `arriving`."""
    handful: list[tuple[CallFile, str, str]] = []
    records = 0
    with connection.cursor() as cursor:
        cursor.execute(judging.ARRIVING)
        with cursor.copy(_COPY) as arriving:
            while records < HANDFUL and (path := next(paths, None)):
                parsed = formats.read(path, origin)
                rows = ((len(handful), *_row(record)) for record in parsed.records)
                records = _write(arriving, rows, start=records, told=told)
                handful.append((_call_file(path, parsed, now), parsed.head, parsed.tail))
        CallFile.objects.bulk_create(call_file for call_file, _, _ in handful)
        with cursor.copy("COPY arriving_file FROM STDIN") as files:
            for number, (call_file, head, tail) in enumerate(handful):
                files.write_row((number, call_file.pk, head, tail))
    return [call_file for call_file, _, _ in handful]


def _write(arriving: Copy, rows: Iterator[tuple], *, start: int, told: Told) -> int:
    """Write the rows, each with its place among all; return the last one's place."""
    place, size = start, 0
    for row in rows:
        place += 1
        arriving.write_row((place, *row))
        size += len(row[-1])
        if place % TOLD_EVERY == 0:
            told(size)
            size = 0
    told(size)
    return place


def _call_file(path: Path, parsed: ParsedFile, now: dt.datetime) -> CallFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return CallFile(
        name=storable(path.name),
        sha256=digest,
        received_at=now,
        recording_nodes=parsed.recording_nodes,
        rejected_attempts=len(parsed.rejected_attempts),
        other_calls=parsed.other_calls,
    )


def _row(record: LegRecord | Unreadable) -> tuple:
    if isinstance(record, Unreadable):
        return (record.position, "", "", *_NO_LEG, record.detail, record.raw)
    told = (
        record.session_external_id,
        record.conference_number,
        record.joined_at.isoformat(),
        record.left_at and record.left_at.isoformat(),
        record.caller_name,
        record.caller_number,
        record.dialled_number,
        record.is_outdial,
        record.is_moderator,
        record.left_because,
        record.pin_reference,
    )
    names = (record.position, record.bridge, record.external_id)
    keys = (hash(told), hash(names[1:]), hash((record.bridge, record.session_external_id)))
    return (*names, *told, *keys, None, record.raw)


def _judge(handful: list[CallFile], now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(judging.MADE_KNOWN)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = len(handful) - 1
        _look_up(cursor, 0, last)
        if last and _is_entangled(cursor):
            for file in range(len(handful)):
                _look_up(cursor, file, file)
                _settle(cursor, now)
        else:
            _settle(cursor, now)


def _look_up(cursor: CursorWrapper, first: int, last: int) -> None:
    cursor.execute(judging.JUDGED, {"first": first, "last": last})
    cursor.execute(judging.JUDGED_MADE_KNOWN)


def _is_entangled(cursor: CursorWrapper) -> bool:
    cursor.execute(judging.ENTANGLED)
    return cursor.fetchone()[0]


def _settle(cursor: CursorWrapper, now: dt.datetime) -> None:
    for statement in judging.STATEMENTS:
        cursor.execute(statement)
    for statement in quarantine.STATEMENTS:
        cursor.execute(statement, {"now": now})


def _finish(handful: list[CallFile], at: dt.datetime) -> None:
    """Note when the handful was done, which a long intake or a wait for the lock makes late."""
    pks = [call_file.pk for call_file in handful]
    CallFile.objects.filter(pk__in=pks).update(finished_at=at)


def _counts(handful: list[CallFile]) -> Intake:
    names = [field.name for field in fields(Intake)]
    counted = CallFile.objects.filter(pk__in=[call_file.pk for call_file in handful])
    return Intake(**counted.aggregate(**{name: Sum(name) for name in names}))
