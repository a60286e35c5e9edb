"""Asterisk's Master.csv: one row per channel, if the bridge was told to write it so.

By default there is one row for each pair of channels that met, in which seconds are counted more
than once and others not at all: then the whole file is refused, and so is one whose rows show that
the bridge was not told. A row names no held call: nothing is guessed of who met whom, so each stay
is a session of its own. Nor does it tell why somebody left, or out-dial legs from others.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

from conferences.records.leg import (
    LeftBecause,
    LegRecord,
    ParsedFile,
    Reason,
    RejectedAttempt,
    Unreadable,
    checked,
    one_line,
    unreadable,
)
from conferences.records.origin import UNKNOWN, MasterRows, Origin
from conferences.records.table import Damaged, Rows, is_text, opened

PAIRS = (
    "By default Asterisk writes a row of Master.csv for each pair of channels, which counts some "
    "seconds twice and others never. Set ignorestatechanges=yes in cdr.conf, restart Asterisk, and "
    "take the file in with a copy of that cdr.conf beside it; or send channel events (CEL)."
)
#: What precedes a row that is read again on its own: how its file was to be read.
_TOLD = ";accuconf "
_COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp"),
    *("lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
_NEW_COLUMNS = ("peeraccount", "linkedid", "sequence")
_NAME = re.compile(r'"(.*)" <[^>]*>')


class _Bad(Exception):
    """A field of a row does not hold what it is for."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class _Survey:
    """What a first walk through the file found beside the legs."""

    other_calls: int = 0
    rejected: list[RejectedAttempt] = field(default_factory=list)
    pair: str = ""


def looks_like_master(path: Path, beginning: bytes) -> bool:
    """Tell a Master.csv by its name, or by a first line of many columns that it does not name."""
    if path.suffix.lower() != ".csv":
        return False
    first_line = beginning.partition(b"\n")[0]
    if b"session_id" in first_line:
        return False
    is_row = first_line.count(b",") >= len(_COLUMNS) - 1
    is_told = first_line.startswith(_TOLD.encode())
    return is_row or is_told or path.name.lower().startswith("master")


def read(path: Path, origin: Origin) -> ParsedFile:
    """Read the rows of conference callers; a file of pair rows is one Unreadable.

    Raises OSError, also while the records are read.
    """
    with opened(path) as file:
        first_line = file.readline(2_000)
    is_told_within = not origin.bridge and first_line.startswith(_TOLD)
    if is_told_within:
        origin = _told_in(first_line)
    if not (origin.master and origin.bridge) or origin.master.has_pairs:
        return ParsedFile([unreadable(0, Reason.PAIR_ROWS, PAIRS, first_line)])
    rows = _RowsOf(path, origin, skips_first_line=is_told_within)
    survey = rows.survey()
    if survey.pair:
        detail = f"The bridge does write pairs, as this row shows. {PAIRS}"
        return ParsedFile([unreadable(0, Reason.PAIR_ROWS, detail, survey.pair)])
    return ParsedFile(
        rows.records(),
        head=f"{_TOLD}{json.dumps(asdict(origin))}\n",
        rejected_attempts=survey.rejected,
        other_calls=survey.other_calls,
        master_rows=asdict(origin.master),
    )


def _told_in(first_line: str) -> Origin:
    """Read how the row that follows is to be read; an empty Origin where that is damaged."""
    try:
        told = json.loads(first_line.removeprefix(_TOLD))
        return Origin(bridge=told["bridge"], master=MasterRows(**told["master"]))
    except (ValueError, RecursionError, KeyError, TypeError):
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class _RowsOf:
    """The rows of one Master.csv, walked twice: to see what they are, and to read the legs."""

    path: Path
    origin: Origin
    skips_first_line: bool

    def survey(self) -> _Survey:
        """Walk through all rows; stop at one that shows a pair of channels."""
        found = _Survey()
        channels = set()
        for row, raw in self._rows():
            if not self._is_whole(row):
                continue
            told = self._named(row)
            if told["dcontext"] != self.origin.master.context:
                found.other_calls += 1
                continue
            if told["dstchannel"] or told["uniqueid"] in channels:
                found.pair = raw
                return found
            if told["uniqueid"]:
                channels.add(told["uniqueid"])
            if not _has_met(told):
                found.rejected.append(_rejected(told))
        return found

    def records(self) -> Iterator[LegRecord | Unreadable]:
        """Read the legs, and what cannot be read."""
        position = 0
        for row, raw in self._rows():
            told = self._named(row) if self._is_whole(row) else None
            is_leg = told and told["dcontext"] == self.origin.master.context and _has_met(told)
            if is_leg or told is None:
                position += 1
                yield self._leg(told, position, raw) if told else self._damaged(row, position, raw)

    def _rows(self) -> Iterator[tuple[list[str] | csv.Error | Damaged, str]]:
        with opened(self.path) as file:
            if self.skips_first_line:
                file.readline()
            rows = Rows(file)
            try:
                yield from rows
            except Damaged as damage:
                yield damage, rows.raw()

    def _is_whole(self, row: list[str] | Exception) -> bool:
        return isinstance(row, list) and len(row) == self.origin.master.columns

    def _named(self, row: list[str]) -> dict[str, str]:
        master = self.origin.master
        names = [*_COLUMNS]
        names += ["uniqueid"] * master.has_unique_id + ["userfield"] * master.has_user_field
        names += _NEW_COLUMNS * master.has_new_columns
        return {"uniqueid": "", "userfield": "", **dict(zip(names, row, strict=True))}

    def _damaged(self, row: list[str] | Exception, position: int, raw: str) -> Unreadable:
        if isinstance(row, list):
            columns = self.origin.master.columns
            detail = (
                f"The row has {len(row)} columns; as cdr.conf is set, it should have {columns}."
            )
            return unreadable(position, Reason.WRONG_COLUMN_COUNT, detail, raw)
        return unreadable(position, Reason.NOT_TEXT, f"The row cannot be read: {row}", raw)

    def _leg(self, told: dict[str, str], position: int, raw: str) -> LegRecord | Unreadable:
        if not is_text(raw):
            return unreadable(position, Reason.NOT_TEXT, "The row is not UTF-8 text.", raw)
        try:
            joined_at, left_at = _instants(told, ZoneInfo(self.origin.master.zone))
        except _Bad as bad:
            return unreadable(position, bad.reason, bad.detail, raw)
        name = told["uniqueid"] or f"row-{hashlib.sha256(raw.encode()).hexdigest()[:32]}"
        return checked(
            LegRecord(
                bridge=self.origin.bridge,
                external_id=name,
                session_external_id=name,
                conference_number=_conference(told),
                joined_at=joined_at,
                left_at=left_at,
                caller_name=_caller_name(told["clid"]),
                caller_number=one_line(told["src"]),
                dialled_number=told["dst"],
                is_outdial=False,
                is_moderator=False,
                left_because=LeftBecause.UNKNOWN,
                pin_reference=told["userfield"].removeprefix("pin:").partition(":")[0],
                position=position,
                raw=raw,
            )
        )


def _has_met(told: dict[str, str]) -> bool:
    """Tell whether the caller was let in: one who was refused has been there for no second."""
    return told["disposition"] == "ANSWERED" and told["billsec"] != "0"


def _rejected(told: dict[str, str]) -> RejectedAttempt:
    return RejectedAttempt(
        reason=told["disposition"],
        at=None,
        caller_name=_caller_name(told["clid"]),
        caller_number=one_line(told["src"]),
        dialled_number=told["dst"],
    )


def _conference(told: dict[str, str]) -> str:
    """Return the room; a caller who was removed was in another application at the end."""
    if told["lastapp"].lower() == "confbridge":
        return told["lastdata"].split(",")[0].strip()
    return told["dst"]


def _caller_name(caller_id: str) -> str:
    found = _NAME.fullmatch(caller_id)
    return one_line(found[1]) if found else ""


def _instants(told: dict[str, str], zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Return answer and end in UTC: the only ones that are `billsec` apart (a second may be lost
    or gained by rounding). In the hour that the clock repeats, there may be several. Raises _Bad.
    """
    found = {
        (answer, end)
        for answer, end in product(_moments(told["answer"], zone), _moments(told["end"], zone))
        if abs((end - answer).total_seconds() - _seconds(told["billsec"])) <= 1
    }
    if len(found) == 1:
        return found.pop()
    if found:
        detail = "The clock went back in that hour, so it could be either; set usegmtime=yes."
    else:
        detail = f"answer, end and billsec do not agree, read as times in {zone.key}."
    raise _Bad(Reason.BAD_TIME, detail)


def _moments(text: str, zone: ZoneInfo) -> set[dt.datetime]:
    """Return the instants, two at most, at which the clocks of `zone` showed `text`."""
    try:
        shown = dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
        instants = {shown.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1)}
    except (OverflowError, ValueError):
        raise _Bad(Reason.BAD_TIME, "answer or end is no time, as 2026-11-22 17:12:17.") from None
    wall = shown.replace(tzinfo=None)
    return {at for at in instants if at.astimezone(zone).replace(tzinfo=None) == wall}


def _seconds(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise _Bad(Reason.BAD_VALUE, "billsec is not a number of seconds.")
    return int(text)
