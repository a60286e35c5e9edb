"""Feeds of every kind, for proofs that hold of each: records without contradictions, as text."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

from conferences.records.origin import Origin
from conferences.records.table import COLUMNS
from tests.conferences.call_tables import ROW

ASTERISK = Origin(bridge="asterisk1")
CAPTURED = Path(__file__).parent / "captured"


@dataclass(frozen=True)
class Feed:
    """Records of one kind: each is a text of its own; a file is `head` and any of them."""

    records: list[str]
    suffix: str
    head: str = ""
    origin: Origin = ASTERISK

    def write(self, folder, pieces):
        """Write one file per piece; return their paths."""
        paths = []
        for number, records in enumerate(pieces):
            path = Path(folder) / f"{number}{self.suffix}"
            path.write_text(self.head + "".join(record + "\n" for record in records))
            paths.append(path)
        return paths


def line_of(row):
    text = io.StringIO()
    csv.DictWriter(text, COLUMNS, lineterminator="").writerow({**ROW, **row})
    return text.getvalue()


def table_feed():
    """Twelve legs in four sessions, told by their number alone; every third cannot be taken in."""
    rows = [
        {
            "session_id": f"s-{n % 4}",
            "leg_id": f"l-{n}",
            "conference": ("30125", "30126", "99999", "30125")[n % 4],
            "joined_at": f"2026-09-01T14:{n:02}:00Z",
            "left_at": "" if n == 9 else f"2026-09-01T{15 - 2 * (n == 8)}:{n:02}:00Z",
            "direction": "outbound" if n == 5 else "inbound",
            "dialled_number": "1900" if n == 7 else "18005550100",
        }
        for n in range(12)
    ]
    head = ",".join(COLUMNS) + "\n"
    return Feed([line_of(row) for row in rows], ".csv", head, Origin(bridge="bridge2"))


def event_feed():
    """The captured log; beside it a call without an end, one to nowhere, and two broken lines."""
    captured = (CAPTURED / "cel.jsonl").read_text().splitlines()
    kicked = [json.loads(line) for line in captured if '"uniqueid":"1795367431.17"' in line]
    endless = [
        {**event, "uniqueid": "7.1"} for event in kicked if event["eventtype"] != "BRIDGE_EXIT"
    ]
    nowhere = [{**event, "uniqueid": "7.2", "appdata": "99999"} for event in kicked]
    made = [json.dumps(event) for event in [*endless, *nowhere]]
    return Feed([*captured, *made, "{", '{"eventtype":"ANSWER"}'], ".jsonl")


FEEDS = {"table": table_feed(), "events": event_feed()}
