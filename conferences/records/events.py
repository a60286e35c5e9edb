"""The way in for channel events: each line is new, a duplicate or quarantined, and all is counted.

A file is taken in in one transaction; events are known by what they say, so it does not matter how
a log was cut, in what order its pieces come, or how often.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from time import monotonic

from django.db import connection, transaction

from conferences.models import CallFile
from conferences.records import cel, raw
from conferences.records.arriving import Told
from conferences.records.intake import Intake
from conferences.records.leg import Unreadable, storable
from conferences.records.origin import Origin

_FIELDS = [field.name for field in fields(cel.EventRecord) if field.name != "position"]
_COLUMNS = ", ".join(_FIELDS)

_ARRIVING = f"""
DROP TABLE IF EXISTS pg_temp.arriving_event;
CREATE TEMP TABLE arriving_event ON COMMIT DROP AS
    SELECT position, {_COLUMNS}, NULL::text AS problem, NULL::text AS raw
    FROM conferences_channelevent WITH NO DATA
"""
_COPY = f"COPY arriving_event (position, {_COLUMNS}, problem, raw) FROM STDIN"
_NO_EVENT = (None,) * len(_FIELDS)

#: New events are stored, and their channels are to be assembled, again if they were already.
_STORED = f"""
WITH added AS (
    INSERT INTO conferences_channelevent (bridge, call_file_id, position, {_COLUMNS})
    SELECT DISTINCT ON (digest) %(bridge)s, %(file)s, position, {_COLUMNS}
    FROM arriving_event WHERE problem IS NULL
    ORDER BY digest, position
    ON CONFLICT (bridge, digest) DO NOTHING
    RETURNING unique_id
), touched AS (
    INSERT INTO conferences_channel AS known (bridge, unique_id, last_arrival_at, is_waiting)
    SELECT DISTINCT %(bridge)s, unique_id, %(now)s::timestamptz, TRUE FROM added ORDER BY unique_id
    ON CONFLICT (bridge, unique_id) DO UPDATE
        SET last_arrival_at = greatest(known.last_arrival_at, excluded.last_arrival_at),
            is_waiting = TRUE
)
SELECT count(*), (SELECT count(*) FROM arriving_event WHERE problem IS NULL),
       (SELECT count(*) FROM arriving_event WHERE problem IS NOT NULL)
FROM added
"""
_QUARANTINED = """
INSERT INTO conferences_quarantinedrecord
    (call_file_id, position, bridge, external_id, channel, reason, detail, raw, quarantined_at)
SELECT DISTINCT ON (md5(raw)) %(file)s, position, '', '', '', 'unreadable', problem, raw, %(now)s
FROM arriving_event
WHERE problem IS NOT NULL AND NOT EXISTS (
    SELECT FROM conferences_quarantinedrecord AS kept
    WHERE kept.bridge = '' AND kept.external_id = '' AND md5(kept.raw) = md5(arriving_event.raw)
)
ORDER BY md5(raw), position
"""


@transaction.atomic
def take_in(path: Path, *, origin: Origin, now: dt.datetime, told: Told) -> Intake:
    """Store the events of one log of `origin.bridge`, and return the counts of its lines.

    Raises OSError where the file cannot be read; nothing of it is in then.
    """
    began = monotonic()
    call_file = _kept(path, now)
    known = {"bridge": origin.bridge, "file": call_file.pk, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVING)
        with cursor.copy(_COPY) as arriving:
            for row in _rows(path):
                arriving.write_row(row)
        cursor.execute(_STORED, known)
        accepted, readable, quarantined = cursor.fetchone()
        cursor.execute(_QUARANTINED, known)
    counts = Intake(accepted, readable - accepted, quarantined)
    told(path.stat().st_size)
    _finish(call_file, counts, now + dt.timedelta(seconds=monotonic() - began))
    return counts


def _kept(path: Path, now: dt.datetime) -> CallFile:
    with raw.Keeper() as keeper:
        sha256 = keeper.keep(path)
        keeper.settle()
    return CallFile.objects.create(name=storable(path.name), sha256=sha256, received_at=now)


def _rows(path: Path) -> Iterator[tuple]:
    for event in cel.read(path):
        if isinstance(event, Unreadable):
            yield (event.position, *_NO_EVENT, event.detail, event.raw)
        else:
            yield (event.position, *(getattr(event, name) for name in _FIELDS), None, None)


def _finish(call_file: CallFile, counts: Intake, at: dt.datetime) -> None:
    call_file.accepted = counts.accepted
    call_file.duplicates = counts.duplicates
    call_file.quarantined = counts.quarantined
    call_file.finished_at = at
    call_file.save()
