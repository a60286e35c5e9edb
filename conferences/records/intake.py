"""The one way in for call records: files are read, every record is judged, and all is counted.

Files are taken in by handfuls, each handful in one transaction: a crash leaves whole handfuls, and
taking the same files in again gives the same legs. Records stream into a temporary table while the
files are read; only the judging is done one at a time, under a lock, so two processes that bring
the same records come out as one after the other would.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from itertools import chain
from operator import attrgetter
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum
from psycopg import Copy

from conferences.models import Bridge, CallFile, QuarantinedRecord
from conferences.records import formats, judging, quarantine, raw, reporting
from conferences.records.channel import ChannelRecord, host_of
from conferences.records.leg import (
    LegRecord,
    ParsedFile,
    Reason,
    Unreadable,
    storable,
    unreadable,
)
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
    pin_reference, billing_code, channel, content, leg_key, session_key, problem, raw
) FROM STDIN
"""
_NO_LEG = (None,) * 16
_report_columns = attrgetter(*reporting.COLUMNS)
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
    total = _take_in(paths, origin, now, told)
    retry_confirmed(now=now)
    return total


def retry_confirmed(*, now: dt.datetime) -> Intake:
    """Take in again the files whose legs waited for reports of their channels that have come.

    Likewise where a bridge is no longer marked as sending reports. A whole file at a time: its
    records are judged together, as if the reports had come first.
    """
    ready = QuarantinedRecord.objects.confirmed(_confirming_hosts())
    files = ready.order_by("call_file").values_list("call_file", "bridge").distinct()
    total = Intake()
    for pk, bridge in list(files):
        call_file = CallFile.objects.get(pk=pk)
        try:
            with raw.unpacked(call_file) as path:
                total += _take_in([path], Origin(bridge), now)
        except raw.NotKept:
            for record in ready.filter(call_file=call_file):
                total += retry(record, now=now)
    return total


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
        return _take_in([path], UNKNOWN, now)


def _take_in(
    paths: Iterable[Path], origin: Origin, now: dt.datetime, told: Told = lambda count: None
) -> Intake:
    began = monotonic()
    total = Intake()
    waiting = iter(paths)
    for first in waiting:
        with transaction.atomic():
            handful = _arrive(chain([first], waiting), origin, now, told)
            _judge(handful, now)
            _finish(handful, now + dt.timedelta(seconds=monotonic() - began))
        total += _counts(handful)
    return total


def _confirming_hosts() -> list[str]:
    """List the hosts whose legs count only when the reports of their channels agree."""
    return [host_of(bridge.name) for bridge in Bridge.objects.confirming()]


def _arrive(paths: Iterator[Path], origin: Origin, now: dt.datetime, told: Told) -> list[CallFile]:
    """Read files until they make a handful; their records wait in the tables `arriving…`."""
    handful: list[tuple[CallFile, str, str]] = []
    reports: list[tuple] = []
    records = 0
    with connection.cursor() as cursor:
        cursor.execute(judging.ARRIVING)
        with cursor.copy(_COPY) as arriving:
            while records < HANDFUL and (path := next(paths, None)):
                parsed = formats.read(path, origin)
                rows = _rows(parsed, len(handful), origin, reports)
                records = _write(arriving, rows, start=records, told=told)
                handful.append((_call_file(path, parsed, origin, now), parsed.head, parsed.tail))
        CallFile.objects.bulk_create(call_file for call_file, _, _ in handful)
        with cursor.copy("COPY arriving_file FROM STDIN") as files:
            for number, (call_file, head, tail) in enumerate(handful):
                files.write_row((number, call_file.pk, head, tail))
        if reports:
            _settle_reports(cursor, reports)
    return [call_file for call_file, _, _ in handful]


def _settle_reports(cursor: CursorWrapper, reports: list[tuple]) -> None:
    """Store what switches report of channels, before any leg is judged by it.

    In the order of channels, so that two processes with the same reports wait for each other once.
    """
    cursor.execute(reporting.ARRIVING)
    with cursor.copy(reporting.COPY) as arriving:
        for report in reports:
            arriving.write_row(report)
    for statement in reporting.STATEMENTS:
        cursor.execute(statement)


def _rows(parsed: ParsedFile, file: int, origin: Origin, reports: list[tuple]) -> Iterator[tuple]:
    """Give a row of each record; what reports of channels tell besides is added to `reports`."""
    for record in parsed.records:
        record = _of_origin(record, origin) if origin.bridge else record
        if isinstance(record, ChannelRecord):
            reports.append((file, *_report_columns(record)))
            yield (file, record.position, record.bridge, record.channel, *_NO_LEG, None, record.raw)
        else:
            yield (file, *_row(record))


def _of_origin(record: LegRecord | ChannelRecord | Unreadable, origin: Origin):
    """Return `record`, or why it is not believed: it names another bridge than handed it in."""
    if isinstance(record, Unreadable) or host_of(record.bridge) == host_of(origin.bridge):
        return record
    detail = f"It names the bridge {record.bridge}, but {origin.bridge} handed it in."
    return unreadable(record.position, Reason.OTHER_BRIDGE, detail, record.raw)


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


def _call_file(path: Path, parsed: ParsedFile, origin: Origin, now: dt.datetime) -> CallFile:
    return CallFile(
        name=storable(path.name),
        sha256=raw.keep(path),
        received_at=now,
        recording_nodes=parsed.recording_nodes,
        rejected_attempts=len(parsed.rejected_attempts),
        other_calls=parsed.other_calls,
        master_rows=origin.master and asdict(origin.master),
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
    apart = (record.billing_code, record.channel or None)
    return (*names, *told, *apart, *keys, None, record.raw)


def _judge(handful: list[CallFile], now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(judging.MADE_KNOWN)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        confirming = _confirming_hosts()
        last = len(handful) - 1
        _look_up(cursor, 0, last, confirming)
        if last and _is_entangled(cursor):
            for file in range(len(handful)):
                _look_up(cursor, file, file, confirming)
                _settle(cursor, now)
        else:
            _settle(cursor, now)


def _look_up(cursor: CursorWrapper, first: int, last: int, confirming: list[str]) -> None:
    cursor.execute(judging.JUDGED, {"first": first, "last": last, "confirming": confirming})
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
