"""The door to the readers: which of them a file is for."""

from __future__ import annotations

from pathlib import Path

from conferences.records import cel, freeswitch, master, table
from conferences.records.leg import ParsedFile, Reason, unreadable
from conferences.records.origin import UNKNOWN, Origin

#: What a folder is searched for.
SUFFIXES = (".xml", ".csv", ".jsonl", ".ndjson")
NO_BRIDGE = (
    "A log of channel events (CEL) does not say which bridge wrote it: take it in with --bridge, "
    "or from the watched folder of its bridge."
)
UNKNOWN_FORMAT = (
    "The file is neither a FreeSWITCH conference CDR (XML), nor a table (.csv), nor "
    "Asterisk's Master.csv, nor its log of channel events (JSON lines)."
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
    if cel.looks_like_events(path, beginning):
        return _refused(Reason.NO_BRIDGE, NO_BRIDGE, beginning)
    if master.looks_like_master(path, beginning):
        return master.read(path, origin)
    if path.suffix.lower() == ".csv":
        return table.read(path)
    return _refused(Reason.UNKNOWN_FORMAT, UNKNOWN_FORMAT, beginning)


def holds_events(path: Path, origin: Origin) -> bool:
    """Tell whether a file is a log of events of a known bridge. Raises OSError."""
    return bool(origin.bridge) and cel.looks_like_events(path, _beginning(path))


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2_000).removeprefix(_BYTE_ORDER_MARK).lstrip()


def _refused(reason: Reason, detail: str, beginning: bytes) -> ParsedFile:
    raw = beginning.decode(errors="backslashreplace")
    return ParsedFile([unreadable(0, reason, detail, raw)])
