"""What every format is read into: a caller's stay, or a record that cannot be read and why."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter, gt


class LeftBecause(StrEnum):
    """Why a caller's stay ended, as far as the record tells."""

    UNKNOWN = ""
    HUNG_UP = "hung_up"
    REMOVED = "removed"
    CONFERENCE_ENDED = "conference_ended"
    BRIDGE_ENDED = "bridge_ended"
    FAILURE = "failure"


class Reason(StrEnum):
    """Why a record or a whole file cannot be read."""

    UNKNOWN_FORMAT = "unknown_format"
    TOO_LARGE = "too_large"
    UNFINISHED = "unfinished"
    NOT_WELL_FORMED = "not_well_formed"
    FORBIDDEN_MARKUP = "forbidden_markup"
    NOT_AS_WRITTEN = "not_as_written"
    NO_SESSION_ID = "no_session_id"
    WRONG_HEADER = "wrong_header"
    WRONG_COLUMN_COUNT = "wrong_column_count"
    NOT_TEXT = "not_text"
    NO_ID = "no_id"
    BAD_TIME = "bad_time"
    BAD_VALUE = "bad_value"
    CONTROL_CHARACTER = "control_character"
    TOO_LONG = "too_long"
    NO_BRIDGE = "no_bridge"
    NOT_TOLD = "not_told"
    PAIR_ROWS = "pair_rows"
    OTHER_BRIDGE = "other_bridge"


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One caller's stay as a bridge recorded it, known by (`bridge`, `external_id`).

    Instants are aware and in UTC; `left_at` is None where the record names no end. `position`
    counts the records of a file from 1; `raw` is this record's own source text. `channel` names,
    where there is one, the channel whose own report tells more (see channel).
    """

    bridge: str
    external_id: str
    session_external_id: str
    conference_number: str
    joined_at: dt.datetime
    left_at: dt.datetime | None
    caller_name: str
    caller_number: str
    dialled_number: str
    is_outdial: bool
    is_moderator: bool
    left_because: str
    pin_reference: str
    position: int
    raw: str
    billing_code: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that cannot be read, or with position 0 a whole file; `detail` is a sentence."""

    position: int
    reason: Reason
    detail: str
    raw: str


@dataclass(frozen=True, slots=True)
class RejectedAttempt:
    """A caller whom the bridge did not let in; never a leg, only counted and shown."""

    reason: str
    at: dt.datetime | None
    caller_name: str
    caller_number: str
    dialled_number: str


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What one file holds. `records` may be read once only, and yields while the file is read.

    `head` + one leg's `raw` + `tail` is a file of that leg alone, to be read again on its own.
    `other_calls` counts what met no conference; `master_rows` says how a Master.csv was read.
    """

    records: Iterable[LegRecord | Unreadable]
    head: str = ""
    tail: str = ""
    recording_nodes: int = 0
    rejected_attempts: list[RejectedAttempt] = field(default_factory=list)
    other_calls: int = 0
    master_rows: dict | None = None


#: The longest text of each field, in characters; the database's columns are as wide.
LONGEST = {
    "bridge": 100,
    "external_id": 200,
    "session_external_id": 100,
    "conference_number": 40,
    "caller_name": 200,
    "caller_number": 50,
    "dialled_number": 50,
    "pin_reference": 100,
    "billing_code": 50,
    "channel": 200,
}
#: How much of an unreadable record is kept to look at.
LONGEST_RAW = 20_000

_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_CALLERS_OWN_WORDS = ("caller_name", "caller_number")
_texts_of = attrgetter(*LONGEST)
_longest = tuple(LONGEST.values())


def checked(record: LegRecord) -> LegRecord | Unreadable:
    """Return `record`, or why no database or page should be given its text."""
    texts = _texts_of(record)
    if any(map(gt, map(len, texts), _longest)) or not "".join(texts).isprintable():
        for name, text in zip(LONGEST, texts, strict=True):
            problem = _problem(name, text)
            if problem:
                return unreadable(record.position, *problem, record.raw)
    if not (record.bridge and record.external_id and record.session_external_id):
        detail = "The bridge, the session or the leg has no name to know it by."
        return unreadable(record.position, Reason.NO_ID, detail, record.raw)
    return record


def _problem(name: str, text: str) -> tuple[Reason, str] | None:
    if len(text) > LONGEST[name]:
        return Reason.TOO_LONG, f"{name} is longer than {LONGEST[name]} characters."
    if name not in _CALLERS_OWN_WORDS and _UNPRINTABLE.search(text):
        return Reason.CONTROL_CHARACTER, f"{name} holds a control character."
    return None


def unreadable(position: int, reason: Reason, detail: str, raw: str) -> Unreadable:
    """Build an Unreadable whose texts any database can keep: no NUL, no half of a character."""
    return Unreadable(position, reason, storable(detail), storable(raw[:LONGEST_RAW]))


def storable(text: str) -> str:
    """Write what PostgreSQL cannot keep (NUL, unpaired surrogates) as visible escapes."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()


def one_line(text: str) -> str:
    """Turn a caller's own words into one plain line: no control characters, no turned text."""
    return (text if text.isprintable() else _UNPRINTABLE.sub(" ", text)).strip()
