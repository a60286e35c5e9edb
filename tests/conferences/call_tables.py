"""Tables of calls for tests, and what the database holds after they were taken in."""

import csv

from conferences.models import Leg, QuarantinedRecord, Session
from conferences.records.table import COLUMNS, OPTIONAL_COLUMN

ROW = {
    "bridge": "bridge2",
    "session_id": "s-1",
    "leg_id": "l-1",
    "conference": "30125",
    "joined_at": "2026-09-01T14:00:00Z",
    "left_at": "2026-09-01T14:30:00Z",
    "caller_number": "12125550123",
    "caller_name": "Renée",
    "dialled_number": "18005550100",
    "direction": "inbound",
    "moderator": "false",
    "left_because": "hung_up",
    "pin_reference": "",
}


def write_table(path, rows):
    """Write a table of legs; each row says only what differs from ROW.

    The optional column is there if a row fills it.
    """
    has_code = any(OPTIONAL_COLUMN in row for row in rows)
    columns = [*COLUMNS, OPTIONAL_COLUMN] if has_code else COLUMNS
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({**ROW, **row} for row in rows)
    return path


def write_tables(folder, *tables):
    return [write_table(folder / f"{n}.csv", rows) for n, rows in enumerate(tables)]


def stored():
    """Return all legs, sessions and waiting quarantine, as sets that may be compared."""
    legs = Leg.objects.values_list(
        "bridge", "external_id", "session__external_id", "session__conference__number",
        "joined_at", "left_at", "seconds", "caller_name", "caller_number",
        "dialled_number", "access_type", "is_moderator", "left_because", "pin",
    )  # fmt: skip
    sessions = Session.objects.values_list(
        "bridge", "external_id", "conference__number", "started_at", "ended_at"
    )
    kept = QuarantinedRecord.objects.waiting().values_list("external_id", "reason", "raw")
    return {"legs": set(legs), "sessions": set(sessions), "quarantine": sorted(kept)}
