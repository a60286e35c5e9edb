"""Records on their way in: each as a row of the temporary tables in which it will be judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import TypeAlias

from psycopg import Copy

from conferences.records import reporting
from conferences.records.channel import ChannelRecord, host_of
from conferences.records.leg import LegRecord, ParsedFile, Reason, Unreadable, unreadable
from conferences.records.origin import Origin

#: After how many records the caller hears of it.
TOLD_EVERY = 1_000
Told: TypeAlias = Callable[[int], None]
COPY = """
COPY arriving (
    place, file, position, bridge, external_id, session_external_id, conference_number, joined_at,
    left_at, caller_name, caller_number, dialled_number, is_outdial, is_moderator, left_because,
    pin_reference, billing_code, channel, content, leg_key, session_key, problem, raw
) FROM STDIN
"""
_NO_LEG = (None,) * 16
_report_columns = attrgetter(*reporting.COLUMNS)


def rows_of(parsed: ParsedFile, file: int, origin: Origin, reports: list[tuple]) -> Iterator[tuple]:
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


def write(arriving: Copy, rows: Iterator[tuple], *, start: int, told: Told) -> int:
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
