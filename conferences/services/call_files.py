"""Taking files in: legs at once, channel events to be assembled into legs when a call is over."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from conferences.models import Channel, ChannelEvent, QuarantinedRecord
from conferences.records import assembly, events, formats, intake
from conferences.records.arriving import Told
from conferences.records.intake import Intake
from conferences.records.origin import UNKNOWN, Origin

#: A channel is made into legs when so long nothing new of it has come.
SETTLED_AFTER = dt.timedelta(seconds=60)
#: No call lasts longer than a day: the end of this one is not to be waited for.
GIVEN_UP_AFTER = dt.timedelta(hours=25)
#: So many channels are assembled in one transaction.
AT_ONCE = 5_000
#: What the tables are called that legs are written to; no bridge names a file so.
ASSEMBLED = "assembled-from-events"
_HEADER = ",".join(assembly.COLUMNS) + "\n"


def take_in_files(
    paths: Iterable[Path],
    *,
    now: dt.datetime,
    told: Told = lambda count: None,
    origin: Origin = UNKNOWN,
) -> Intake:
    """Take in files of any format, and return the totals; events are counted as records.

    `told` is called with the bytes read since it was last called. Raises OSError where a file
    cannot be read; what came before it is in.
    """
    total = Intake()
    for are_events, files in groupby(paths, key=lambda path: formats.holds_events(path, origin)):
        if are_events:
            for path in files:
                total += events.take_in(path, origin=origin, now=now, told=told)
        else:
            total += intake.take_in(files, now=now, told=told, origin=origin)
    return total


def assemble_legs(*, now: dt.datetime, settled_after: dt.timedelta = SETTLED_AFTER) -> Intake:
    """Make legs of the channels that are over and settled; return what became of the legs.

    Safe beside another assembly, and at any time. A channel of which more comes later is assembled
    again: what changed is quarantined, for a leg never changes.
    """
    total = Intake()
    while (assembled := _assemble_some(now, now - settled_after)) is not None:
        total += assembled
    return total


@transaction.atomic
def _assemble_some(now: dt.datetime, settled_before: dt.datetime) -> Intake | None:
    due = _due(now, settled_before).select_for_update(skip_locked=True)
    channels = list(due[:AT_ONCE])
    if not channels:
        return None
    counts = _assemble(channels, now)
    keys = [channel.pk for channel in channels]
    Channel.objects.filter(pk__in=keys).update(is_waiting=False, assembled_at=now)
    return counts


def _due(now: dt.datetime, settled_before: dt.datetime) -> QuerySet[Channel]:
    """Return the channels that are over, or long silent, and whose events have settled."""
    own = ChannelEvent.objects.filter(bridge=OuterRef("bridge"), unique_id=OuterRef("unique_id"))
    is_over = Exists(own.filter(kind="CHAN_END")) | (
        Exists(own.filter(kind="HANGUP")) & Exists(own.filter(kind="LINKEDID_END"))
    )
    return Channel.objects.waiting().filter(
        Q(is_over) | Q(last_arrival_at__lte=now - GIVEN_UP_AFTER),
        last_arrival_at__lte=settled_before,
    )


def _assemble(channels: list[Channel], now: dt.datetime) -> Intake:
    tables = [_table_of(row) for row in _rows(channels)]
    counts = Intake()
    if tables:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{ASSEMBLED}-{now:%Y%m%dT%H%M%SZ}.csv"
            lines = "".join(row.removeprefix(_HEADER) + "\n" for row in tables)
            path.write_text(_HEADER + lines, encoding="utf-8")
            counts = intake.take_in([path], now=now)
    _release_earlier([channel for channel in channels if channel.assembled_at], tables, now)
    return counts


def _rows(channels: list[Channel]) -> Iterator[dict[str, str]]:
    by_bridge = defaultdict(list)
    for channel in channels:
        by_bridge[channel.bridge].append(channel.unique_id)
    for bridge, unique_ids in by_bridge.items():
        told = ChannelEvent.objects.filter(bridge=bridge, unique_id__in=unique_ids)
        by_channel = told.order_by("unique_id").iterator()
        for _, own in groupby(by_channel, key=attrgetter("unique_id")):
            yield from assembly.rows_of(own)


def _table_of(row: dict[str, str]) -> str:
    """Return a neutral table of one row, without the last line's end."""
    text = io.StringIO()
    csv.DictWriter(text, assembly.COLUMNS, lineterminator="\n").writerow(row)
    return _HEADER + text.getvalue().rstrip("\n")


def _release_earlier(channels: list[Channel], tables: list[str], now: dt.datetime) -> None:
    """Take out of quarantine what these channels' fewer events had made; they tell more now."""
    if not channels:
        return
    names = {(channel.bridge, channel.unique_id) for channel in channels}
    current = {*tables, *(table.removeprefix(_HEADER) for table in tables)}
    waiting = QuarantinedRecord.objects.waiting().filter(call_file__name__startswith=ASSEMBLED)
    outdated = [
        record.pk
        for record in waiting.only("raw").iterator()
        if record.raw not in current and _channel_of(record.raw) in names
    ]
    QuarantinedRecord.objects.filter(pk__in=outdated).update(released_at=now)


def _channel_of(table: str) -> tuple[str, str]:
    """Return the bridge and the unique id of the channel that a row was assembled from."""
    row = dict(zip(assembly.COLUMNS, next(csv.reader([table.removeprefix(_HEADER)])), strict=False))
    return row["bridge"], row["leg_id"].rpartition("/")[0]
