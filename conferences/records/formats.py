"""The door to the readers: which of them a file is for."""

from __future__ import annotations

from pathlib import Path

from conferences.records import freeswitch, json_cdr, table
from conferences.records.leg import ParsedFile, Reason, unreadable
from conferences.records.origin import UNKNOWN, Origin

#: What a folder is searched for.
SUFFIXES = (".xml", ".json", ".csv")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read(path: Path, origin: Origin = UNKNOWN) -> ParsedFile:
    """Read the call records of one file, chosen by its first characters and then by its name.

    A file of no known format is one Unreadable. Raises OSError, also while records are read.
    """
    with path.open("rb") as file:
        beginning = file.read(200)
    if beginning.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] == b"<":
        return freeswitch.read(path)
    if _is_report(path, beginning):
        return json_cdr.read(path)
    if path.suffix.lower() == ".csv":
        return table.read(path)
    detail = (
        "The file is neither a FreeSWITCH conference CDR (XML), nor a report of one of its "
        "channels (JSON), nor a table (.csv)."
    )
    raw = beginning.decode(errors="backslashreplace")
    return ParsedFile([unreadable(0, Reason.UNKNOWN_FORMAT, detail, raw)])


def _is_report(path: Path, beginning: bytes) -> bool:
    """Tell whether mod_json_cdr wrote the file, by its name or by what it writes first."""
    is_object = beginning.lstrip()[:1] == b"{"
    return is_object and (path.name.endswith(".cdr.json") or b'"core-uuid"' in beginning)
