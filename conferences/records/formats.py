"""The door to the readers: which of them a file is for."""

from __future__ import annotations

from pathlib import Path

from conferences.records import cel, freeswitch, json_cdr, master, table
from conferences.records.leg import ParsedFile, Reason, unreadable
from conferences.records.origin import UNKNOWN, Origin

#: What a folder is searched for.
SUFFIXES = (".xml", ".json", ".csv", ".jsonl", ".ndjson")
NO_BRIDGE = (
    "A log of channel events (CEL) does not say which bridge wrote it: take it in with --bridge, "
    "or from the watched folder of its bridge."
)
UNKNOWN_FORMAT = (
    "The file is neither a FreeSWITCH conference CDR (XML), nor a report of one of its channels "
    "(JSON), nor a table (.csv), nor Asterisk's Master.csv, nor its log of channel events (JSON "
    "lines)."
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read(path: Path, origin: Origin = UNKNOWN) -> ParsedFile:
    """Read the call records of one file, chosen by its first characters and then by its name.

    A file of no known format is one Unreadable, and so is a log of events, which are no legs yet.
    Raises OSError, also while records are read.
    """
    beginning = _beginning(path)
    if beginning[:1] == b"<":
        return freeswitch.read(path)
    if _is_report(path, beginning):
        return json_cdr.read(path)
    if cel.looks_like_events(path, beginning):
        return _refused(Reason.NO_BRIDGE, NO_BRIDGE, beginning)
    if master.looks_like_master(path, beginning):
        return master.read(path, origin)
    if path.suffix.lower() == ".csv":
        return table.read(path)
    return _refused(Reason.UNKNOWN_FORMAT, UNKNOWN_FORMAT, beginning)


def holds_events(path: Path, origin: Origin) -> bool:
    """Tell whether a file is a log of events of a known bridge. Raises OSError."""
    if not origin.bridge:
        return False
    beginning = _beginning(path)
    return not _is_report(path, beginning) and cel.looks_like_events(path, beginning)


def _is_report(path: Path, beginning: bytes) -> bool:
    """Tell whether mod_json_cdr wrote the file, by its name or by what it writes first."""
    is_object = beginning[:1] == b"{"
    return is_object and (path.name.endswith(".cdr.json") or b'"core-uuid"' in beginning)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2_000).removeprefix(_BYTE_ORDER_MARK).lstrip()


def _refused(reason: Reason, detail: str, beginning: bytes) -> ParsedFile:
    raw = beginning.decode(errors="backslashreplace")
    return ParsedFile([unreadable(0, reason, detail, raw)])
