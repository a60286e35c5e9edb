"""A switch's own report of one channel, and how channels are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from conferences.records.leg import Reason, Unreadable, unreadable


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """What a switch told of one channel when it ended; `channel` as `channel_key` writes it.

    Instants are aware and in UTC; `answered_at` is None where nobody answered. `left_because` is
    why the channel ended. `position` counts the records of a file from 1; `raw` is the source.
    """

    bridge: str
    channel: str
    conference_uuid: str
    conference_name: str
    caller_number: str
    dialled_number: str
    is_outbound: bool
    started_at: dt.datetime
    answered_at: dt.datetime | None
    ended_at: dt.datetime
    hangup_cause: str
    q850_cause: int | None
    disposition: str
    left_because: str
    pin_reference: str
    billing_code: str
    position: int
    raw: str


#: The longest text of each field, in characters; the database's columns are as wide.
LONGEST = {
    "bridge": 100,
    "channel": 200,
    "conference_uuid": 100,
    "conference_name": 100,
    "caller_number": 50,
    "dialled_number": 50,
    "hangup_cause": 50,
    "disposition": 30,
    "pin_reference": 100,
    "billing_code": 50,
}


def host_of(bridge: str) -> str:
    """Return the name by which a bridge is the same, however its records write it.

    The switch writes its host's name into one kind of record and its own, by default the same,
    into another; case and domain do not tell bridges apart. An address is kept whole.
    """
    name = bridge.strip().lower()
    is_address = name.replace(".", "").isdigit() or ":" in name
    return name if is_address else name.partition(".")[0]


def channel_key(bridge: str, uuid: str) -> str:
    """Return by what a channel is known over all bridges: its host and its own id."""
    return f"{host_of(bridge).replace('/', '_')}/{uuid.lower()}"


def checked(record: ChannelRecord) -> ChannelRecord | Unreadable:
    """Return `record`, or why the database should not be given its text."""
    for name, longest in LONGEST.items():
        text = getattr(record, name)
        if len(text) > longest:
            detail = f"{name} is longer than {longest} characters."
            return unreadable(record.position, Reason.TOO_LONG, detail, record.raw)
        if not text.isprintable():
            detail = f"{name} holds a control character."
            return unreadable(record.position, Reason.CONTROL_CHARACTER, detail, record.raw)
    return record
