"""FreeSWITCH's conference CDR: one XML file per held conference, its members newest first.

The conference's own id is only in the file's name. A file that the switch alone did not write is
refused as a whole: one of its members may have been written by a caller (see switch_xml). What is
no leg, recording nodes and rejected attempts, is counted apart. The XML does not tell out-dial
legs from others, nor which PIN was used, nor the hang-up cause: the report of the member's channel
does (see json_cdr), and joins the leg when it is judged.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from conferences.records.channel import channel_key
from conferences.records.conference_shape import expect_conference
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
from conferences.records.switch_xml import LARGEST_BYTES, Element, NotBySwitch, parse

UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.I)
#: A forced end is the reason of those who left within so many seconds of it.
FORCED_END_SECONDS = 2
#: What follows the last member in a file without rejected attempts.
TAIL = "\n    </members>\n    <rejected></rejected>\n  </conference>\n</cdr>\n"
#: The year 5138, in seconds: what lies beyond is no time but damage.
LATEST = 99_999_999_999


def read(path: Path) -> ParsedFile:
    """Read one conference CDR; a file that cannot be trusted is one Unreadable, with its reason.

    Raises OSError.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST_BYTES + 1)
    try:
        root = parse(data)
        expect_conference(root)
        session_id = _session_id(path.name)
    except NotBySwitch as refused:
        raw = data.decode(errors="backslashreplace")
        return ParsedFile([unreadable(0, refused.reason, refused.detail, raw)])
    conference = _named(root.children[0])
    members = conference["members"].children
    return ParsedFile(
        records=_legs(conference, session_id, data),
        head=data[: members[0].start].decode() if members else "",
        tail=TAIL,
        recording_nodes=sum(_kind(member) == "recording_node" for member in members),
        rejected_attempts=[_rejected(attempt) for attempt in conference["rejected"].children],
    )


def _session_id(name: str) -> str:
    found = UUID.findall(name)
    if len(found) != 1:
        detail = "The file's name holds no conference id; the switch names it UUID.cdr.xml."
        raise NotBySwitch(Reason.NO_SESSION_ID, detail)
    return found[0].lower()


def _legs(
    conference: dict[str, Element], session_id: str, data: bytes
) -> Iterator[LegRecord | Unreadable]:
    callers = [m for m in conference["members"].children if _kind(m) == "caller"]
    for position, member in enumerate(callers, start=1):
        raw = data[member.start : member.end].decode()
        yield _leg(conference, session_id, member, position, raw)


def _leg(
    conference: dict[str, Element], session_id: str, member: Element, position: int, raw: str
) -> LegRecord | Unreadable:
    parts = _named(member)
    profile = _named(parts["caller_profile"])
    flags = _named(parts["flags"])
    try:
        joined_at = _instant(parts["join_time"])
        left_at = _instant(parts["leave_time"])
    except ValueError:
        return unreadable(position, Reason.BAD_TIME, "A time is out of any clock's range.", raw)
    channel = profile["uuid"].text
    if joined_at is None or not channel:
        detail = "The member has no join time or no channel id to know it by."
        return unreadable(position, Reason.NO_ID, detail, raw)
    leg = LegRecord(
        bridge=conference["hostname"].text,
        external_id=f"{session_id}/{channel}/{parts['join_time'].text}",
        session_external_id=session_id,
        conference_number=conference["name"].text,
        joined_at=joined_at,
        left_at=left_at,
        caller_name=one_line(profile["caller_id_name"].text),
        caller_number=one_line(profile["caller_id_number"].text),
        dialled_number=profile["destination_number"].text,
        is_outdial=False,
        is_moderator=flags["is_moderator"].text == "true",
        left_because=_left_because(conference, flags, left_at),
        pin_reference="",
        position=position,
        raw=raw,
        channel=channel_key(conference["hostname"].text, channel),
    )
    return checked(leg)


def _left_because(
    conference: dict[str, Element], flags: dict[str, Element], left_at: dt.datetime | None
) -> LeftBecause:
    if flags["was_kicked"].text == "true":
        return LeftBecause.REMOVED
    end = conference["end_time"]
    if left_at and end.attributes[1] == "true":
        before_end = int(end.text) - int(left_at.timestamp())
        if 0 <= before_end <= FORCED_END_SECONDS:
            return LeftBecause.CONFERENCE_ENDED
    return LeftBecause.UNKNOWN


def _rejected(attempt: Element) -> RejectedAttempt:
    parts = _named(attempt)
    profile = _named(parts["caller_profile"]) if "caller_profile" in parts else {}

    def text(name: str) -> str:
        return one_line(profile[name].text) if name in profile else ""

    try:
        at = _instant(parts["reject_time"])
    except ValueError:
        at = None
    return RejectedAttempt(
        reason=parts["reason"].text,
        at=at,
        caller_name=text("caller_id_name"),
        caller_number=text("caller_id_number"),
        dialled_number=text("destination_number"),
    )


def _instant(element: Element) -> dt.datetime | None:
    """Read whole seconds since 1970; 0 means that it never happened. Raises ValueError."""
    seconds = int(element.text)
    if abs(seconds) > LATEST:
        raise ValueError(f"{seconds} is no time")
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def _kind(member: Element) -> str:
    return member.attributes[1]


def _named(element: Element) -> dict[str, Element]:
    return {child.tag: child for child in element.children}
