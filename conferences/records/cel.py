"""Asterisk's channel event log in JSON lines, as cel_custom writes it with `format = json`.

Each line is one event on one channel. No line is a leg: legs are assembled from a channel's events
once it is over (see assembly). The names of the fields are those of a captured log, in any case of
letters, or those of the sample configuration.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conferences.records.leg import Reason, Unreadable, one_line, storable, unreadable

#: The longest line, in bytes; the reader holds no more than this of a file.
LONGEST_LINE = 65_536
#: What Asterisk's sample cel.conf calls the fields, and their names in what it was heard to say.
_ALIASES = {
    "usereventname": "userdeftype",
    "cidname": "name",
    "cidnum": "num",
    "ciddnid": "dnid",
    "extra": "eventextra",
}
_KIND = re.compile("[A-Z_]{1,20}")
_TIME = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,6}))?")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: The longest texts, in characters; a caller's own words and an application's data are cut.
_LONGEST = {
    "unique_id": 150,
    "linked_id": 150,
    "user_event": 80,
    "words": 200,
    "channel_name": 200,
    "dialled_number": 80,
    "extension": 80,
    "app_name": 80,
    "user_field": 200,
    "mixer": 100,
    "technology": 40,
}


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event as a line tells it; `at` is aware, in UTC and exact to the microsecond.

    `mixer` and `technology` are those of the bridge that a channel entered or left; `words` what
    the dialplan gave with an event of its own; `digest` the hash of all that the line says.
    """

    position: int
    digest: str
    kind: str
    at: dt.datetime
    unique_id: str
    linked_id: str
    user_event: str
    words: str
    channel_name: str
    caller_name: str
    caller_number: str
    dialled_number: str
    extension: str
    app_name: str
    app_data: str
    user_field: str
    mixer: str
    technology: str
    hangup_cause: int | None


class BadLine(Exception):
    """A line is no event that could be stored."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def looks_like_events(path: Path, beginning: bytes) -> bool:
    """Tell whether a file is an event log, by its name or by its first characters."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return True
    return beginning.lstrip()[:1] == b"{" and b'"eventtype"' in beginning.lower()


def read(path: Path) -> Iterator[EventRecord | Unreadable]:
    """Read events line by line, holding one of them; empty lines are none. Raises OSError."""
    with path.open("rb") as file:
        position = 0
        while line := file.readline(LONGEST_LINE + 1):
            position += 1
            if len(line) > LONGEST_LINE:
                detail = f"The line is longer than {LONGEST_LINE} bytes."
                yield unreadable(position, Reason.TOO_LONG, detail, _text(line))
                _skip_line(file)
            elif line.strip():
                yield _event(position, line.strip().removeprefix(b"\xef\xbb\xbf"))


def _skip_line(file) -> None:
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _event(position: int, line: bytes) -> EventRecord | Unreadable:
    try:
        return _record(position, _fields(line))
    except BadLine as bad:
        return unreadable(position, bad.reason, bad.detail, _text(line))


def _text(line: bytes) -> str:
    return line.decode(errors="backslashreplace").rstrip("\r\n")


def _fields(line: bytes) -> dict[str, str]:
    """Return what the line says by the names of the capture; numbers stay the text they are.

    What is told beside (`eventextra`) comes as a text that holds JSON, or as JSON itself; its
    fields follow with a slash before their names.
    """
    told = {}
    for key, value in _object(line.decode(errors="surrogateescape")).items():
        name = _ALIASES.get(key.lower(), key.lower())
        if name != "eventextra":
            told[name] = _plain(name, value)
        elif value:
            beside = value if isinstance(value, dict) else _object(_plain(name, value))
            told |= {f"/{key}": _plain(key, value) for key, value in beside.items()}
    return told


def _object(text: str) -> dict:
    try:
        told = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise BadLine(
            Reason.NOT_WELL_FORMED, "The line, or what it tells beside, is no JSON object."
        )
    return told


def _plain(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return str(value or "").lower()
    raise BadLine(Reason.BAD_VALUE, f"{name} is not a text.")


def _record(position: int, told: dict[str, str]) -> EventRecord:
    kind, user_event = _kind(told)
    text = defaultdict(str, told)
    record = EventRecord(
        position=position,
        digest=_digest(told),
        kind=kind,
        at=_instant(text["eventtime"]),
        unique_id=text["uniqueid"],
        linked_id=text["linkedid"],
        user_event=user_event,
        words=text["/extra"],
        channel_name=text["channame"],
        caller_name=_cut(text["name"], 200),
        caller_number=_cut(text["num"], 50),
        dialled_number=text["dnid"],
        extension=text["exten"],
        app_name=text["appname"],
        app_data=_cut(text["appdata"], 200),
        user_field=text["userfield"],
        mixer=text["/bridge_id"],
        technology=text["/bridge_technology"],
        hangup_cause=_cause(text["/hangupcause"]),
    )
    return _checked(record)


def _kind(told: dict[str, str]) -> tuple[str, str]:
    """Return the kind of event, and the dialplan's name for one of its own.

    Such an event bears its own name as its type, and USER_DEFINED only as `eventenum`.
    """
    name, own_name = told.get("eventtype", ""), told.get("userdeftype", "")
    kind = told.get("eventenum") or ("USER_DEFINED" if own_name else name)
    if not _KIND.fullmatch(kind):
        raise BadLine(Reason.BAD_VALUE, "eventtype is no event that Asterisk has.")
    return kind, (own_name or name) if kind == "USER_DEFINED" else ""


def _cut(text: str, longest: int) -> str:
    """Make one plain line of what others than the bridge may have chosen, and cut it if long."""
    return storable(one_line(text))[:longest]


def _instant(text: str) -> dt.datetime:
    found = _TIME.fullmatch(text)
    if not found:
        raise BadLine(
            Reason.BAD_TIME,
            "eventtime is not in seconds since 1970; the log must be written without dateformat.",
        )
    fraction = (found[2] or "").ljust(6, "0")
    return _EPOCH + dt.timedelta(seconds=int(found[1]), microseconds=int(fraction))


def _cause(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,3}", text) else None


def _digest(told: dict[str, str]) -> str:
    whole = json.dumps(told, sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def _checked(record: EventRecord) -> EventRecord:
    for name, longest in _LONGEST.items():
        text = getattr(record, name)
        if len(text) > longest:
            raise BadLine(Reason.TOO_LONG, f"{name} is longer than {longest} characters.")
        if not text.isprintable():
            raise BadLine(Reason.CONTROL_CHARACTER, f"{name} holds a control character.")
    if not record.unique_id:
        raise BadLine(Reason.NO_ID, "The channel has no uniqueid to know it by.")
    if record.kind in ("BRIDGE_ENTER", "BRIDGE_EXIT") and not record.mixer:
        raise BadLine(Reason.NO_ID, "The event names no bridge_id that the channel met on.")
    return record
