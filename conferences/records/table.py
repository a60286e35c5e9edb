"""The neutral table: legs as CSV, for every bridge that has no reader of its own.

UTF-8, comma separated, quoted as in RFC 4180, with a header line that names these columns in any
order; other columns are left unread.

bridge              the switch that held the call
session_id          the bridge's id of the held call, the same on all its legs
leg_id              the bridge's id of this stay, never used twice by one bridge
conference          the conference's number
joined_at, left_at  ISO 8601 with offset, as 2026-09-01T14:00:05Z; left_at may be empty
caller_number       whom it came from, or for an out-dial leg who was called
caller_name         may be empty
dialled_number      the number that the caller dialled; may be empty for an out-dial leg
direction           inbound or outbound (the bridge called the participant)
moderator           true or false
left_because        hung_up, removed, conference_ended, bridge_ended, failure or empty
pin_reference       the portal's id of the PIN that was used, never the PIN; may be empty

A table may have one column more:

billing_code        the code that the caller keyed in; may be empty
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from conferences.records.leg import (
    LeftBecause,
    LegRecord,
    ParsedFile,
    Reason,
    Unreadable,
    checked,
    one_line,
    unreadable,
)

COLUMNS = (
    *("bridge", "session_id", "leg_id", "conference", "joined_at", "left_at", "caller_number"),
    *("caller_name", "dialled_number", "direction", "moderator", "left_because", "pin_reference"),
)
OPTIONAL_COLUMN = "billing_code"
#: The longest record, in characters; the reader holds no more than this of a file.
LONGEST_RECORD = 65_536

#: What the file's decoder makes of bytes that are no UTF-8.
_HALF_CHARACTER = re.compile("[\udc80-\udcff]")
_DIRECTIONS = {"inbound": False, "outbound": True}
_TRUTHS = {"true": True, "false": False}
_LEFT_BECAUSE = {because.value: because for because in LeftBecause}


class BadField(Exception):
    """A field does not hold what its column is for."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Damaged(Exception):
    """From here on nobody can say where one record ends and the next begins."""


def read(path: Path) -> ParsedFile:
    """Read a table record by record, holding no more than one of them.

    Raises OSError, also while the records are read.
    """
    with opened(path) as file:
        try:
            header, raw = next(Rows(file), ([], ""))
        except Damaged as damage:
            return ParsedFile([unreadable(0, Reason.WRONG_HEADER, str(damage), "")])
    problem = _header_problem(header, raw)
    if problem:
        return ParsedFile([unreadable(0, Reason.WRONG_HEADER, problem, raw)])
    return ParsedFile(_records(path), head=raw + "\n")


def opened(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _header_problem(header: list[str] | csv.Error, raw: str) -> str:
    if isinstance(header, csv.Error) or len(set(header)) < len(header):
        return "The first line is not a header that names each column once."
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        return f"The header does not name the columns {', '.join(missing)}."
    return "" if is_text(raw) else "The header is not UTF-8 text."


def _records(path: Path) -> Iterator[LegRecord | Unreadable]:
    with opened(path) as file:
        rows = Rows(file)
        try:
            header, _ = next(rows)
            yield from _legs(rows, header)
        except Damaged as damage:
            yield unreadable(rows.number, Reason.TOO_LONG, str(damage), rows.raw())


def _legs(rows: Rows, header: list[str]) -> Iterator[LegRecord | Unreadable]:
    columns = [header.index(name) for name in COLUMNS]
    has_code = OPTIONAL_COLUMN in header
    wanted = itemgetter(*columns, header.index(OPTIONAL_COLUMN) if has_code else len(header))
    for position, (row, raw) in enumerate(rows, start=1):
        if isinstance(row, csv.Error):
            detail = f"The record is not quoted as a table must be: {row}."
            yield unreadable(position, Reason.NOT_TEXT, detail, raw)
        elif len(row) != len(header):
            detail = f"The record has {len(row)} columns, the header has {len(header)}."
            yield unreadable(position, Reason.WRONG_COLUMN_COUNT, detail, raw)
        else:
            row.append("")  # what a table without the optional column tells there
            yield _leg(wanted(row), position, raw)


def _leg(fields: tuple[str, ...], position: int, raw: str) -> LegRecord | Unreadable:
    (bridge, session, leg, conference, joined, left) = fields[:6]
    (number, name, dialled, direction, moderator, because, pin, code) = fields[6:]
    try:
        _expect_text(raw)
        record = LegRecord(
            bridge=bridge,
            external_id=leg,
            session_external_id=session,
            conference_number=conference,
            joined_at=_instant(joined, "joined_at"),
            left_at=_instant(left, "left_at") if left else None,
            caller_name=one_line(name),
            caller_number=one_line(number),
            dialled_number=dialled,
            is_outdial=_one_of(_DIRECTIONS, direction, "direction"),
            is_moderator=_one_of(_TRUTHS, moderator, "moderator"),
            left_because=_one_of(_LEFT_BECAUSE, because, "left_because"),
            pin_reference=pin,
            position=position,
            raw=raw,
            billing_code=code.strip(),
        )
    except BadField as bad:
        return unreadable(position, bad.reason, bad.detail, raw)
    return checked(record)


def _expect_text(raw: str) -> None:
    if "\0" in raw:
        raise BadField(Reason.CONTROL_CHARACTER, "The record holds a NUL.")
    if not is_text(raw):
        raise BadField(Reason.NOT_TEXT, "The record is not UTF-8 text.")


def is_text(raw: str) -> bool:
    """Tell whether `raw` came from UTF-8 and holds no NUL."""
    return "\0" not in raw and (raw.isascii() or not _HALF_CHARACTER.search(raw))


def _instant(text: str, column: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(dt.UTC)
    except (OverflowError, ValueError):
        pass
    detail = f"{column} is not a time with an offset, as 2026-09-01T14:00:05Z."
    raise BadField(Reason.BAD_TIME, detail)


def _one_of(values: dict, text: str, column: str):
    try:
        return values[text]
    except KeyError:
        allowed = ", ".join(name or "nothing" for name in values)
        detail = f"{column} is none of {allowed}."
        raise BadField(Reason.BAD_VALUE, detail) from None


class Rows:
    """The records of a CSV text, each with its own source; an error stands where one is bad."""

    def __init__(self, file: TextIO):
        self.file = file
        self.number = -1
        self.lines: list[str] = []
        self.size = 0
        self.reader = csv.reader(self._lines(), strict=True)

    def __iter__(self) -> Rows:
        return self

    def __next__(self) -> tuple[list[str] | csv.Error, str]:
        self.number += 1
        row: list[str] | csv.Error = []
        while not row:
            self.lines.clear()
            self.size = 0
            try:
                row = next(self.reader)
            except csv.Error as error:
                row = error
        return row, self.raw()

    def raw(self) -> str:
        return "".join(self.lines).rstrip("\r\n")

    def _lines(self) -> Iterator[str]:
        while line := self.file.readline(LONGEST_RECORD + 1):
            self.lines.append(line)
            self.size += len(line)
            if self.size > LONGEST_RECORD:
                raise Damaged(
                    f"The record goes on for more than {LONGEST_RECORD} characters; it and all "
                    "that follows is left until the file is mended."
                )
            yield line
