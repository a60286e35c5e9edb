"""The one way in for call records: files are read, every record is judged, and all is counted.

Files are taken in by handfuls, each handful in one transaction: a crash leaves whole handfuls, and
taking the same files in again gives the same legs. Records stream into a temporary table while the
files are read; only the judging is done one at a time, under a lock, so two processes that bring
the same records come out as one after the other would.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from time import monotonic

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from conferences.models import Bridge, CallFile, QuarantinedRecord
from conferences.records import arriving, formats, judging, quarantine, raw, reporting
from conferences.records.arriving import Told
from conferences.records.channel import host_of
from conferences.records.leg import ParsedFile, storable
from conferences.records.origin import UNKNOWN, Origin

#: A handful ends with the file that makes it hold so many records.
HANDFUL = 50_000
#: So many files are taken in again at a time, each unpacked for it.
FILES_AGAIN = 100
#: Which lock is held while arrivals are judged.
LOCK = 0x1E65


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
    files = ready.order_by("bridge", "call_file").values_list("bridge", "call_file").distinct()
    total = Intake()
    for bridge, group in groupby(list(files), key=itemgetter(0)):
        pks = [pk for _, pk in group]
        for start in range(0, len(pks), FILES_AGAIN):
            total += _take_in_again(bridge, pks[start : start + FILES_AGAIN], now)
    return total


def _take_in_again(bridge: str, pks: list[int], now: dt.datetime) -> Intake:
    """Take in files of one bridge as they were kept, or what quarantine holds of them."""
    total = Intake()
    with ExitStack() as unpacked:
        paths = []
        for call_file in CallFile.objects.filter(pk__in=pks).order_by("pk"):
            try:
                paths.append(unpacked.enter_context(raw.unpacked(call_file)))
            except raw.NotKept:
                for record in call_file.quarantined_records.confirmed(_confirming_hosts()):
                    total += retry(record, now=now)
        return total + _take_in(paths, Origin(bridge), now)


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
    paths: Iterable[Path],
    origin: Origin,
    now: dt.datetime,
    told: Told = lambda count: None,
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
    with connection.cursor() as cursor, raw.Keeper() as keeper:
        cursor.execute(judging.ARRIVING)
        with cursor.copy(arriving.COPY) as copy:
            while records < HANDFUL and (path := next(paths, None)):
                parsed = formats.read(path, origin)
                rows = arriving.rows_of(parsed, len(handful), origin, reports)
                records = arriving.write(copy, rows, start=records, told=told)
                call_file = _call_file(path, parsed, keeper.keep(path), now)
                handful.append((call_file, parsed.head, parsed.tail))
        keeper.settle()
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
    with cursor.copy(reporting.COPY) as copy:
        for report in reports:
            copy.write_row(report)
    for statement in reporting.STATEMENTS:
        cursor.execute(statement)


def _call_file(path: Path, parsed: ParsedFile, sha256: str, now: dt.datetime) -> CallFile:
    return CallFile(
        name=storable(path.name),
        sha256=sha256,
        received_at=now,
        recording_nodes=parsed.recording_nodes,
        rejected_attempts=len(parsed.rejected_attempts),
        other_calls=parsed.other_calls,
        master_rows=parsed.master_rows,
    )


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
