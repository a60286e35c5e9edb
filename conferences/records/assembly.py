"""Legs out of the events of one channel of an Asterisk bridge.

Each stay in a mixing bridge that ConfBridge brought the channel to is one leg, told as a row of
the neutral table (see table). A held call is known by the id of its mixing bridge: Asterisk makes
one, with a new random id, each time that the first caller enters a room.

The dialplan tells by events of its own what Asterisk does not: `pin`, `code`, `dialled`, `role`,
`outdial`, and `left` when ConfBridge is over (docs/call-records.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from conferences.models import ChannelEvent
from conferences.records import table
from conferences.records.leg import LeftBecause

#: What ConfBridge leaves in CONFBRIDGE_RESULT (app_confbridge.c), and what a customer reads.
_BECAUSE = {
    "HANGUP": LeftBecause.HUNG_UP,
    "DTMF": LeftBecause.HUNG_UP,
    "KICKED": LeftBecause.REMOVED,
    "ENDMARKED": LeftBecause.CONFERENCE_ENDED,
    "TIMEOUT": LeftBecause.BRIDGE_ENDED,
    "FAILED": LeftBecause.FAILURE,
}
#: Q.850 causes of a call that somebody ended; with any other the line failed.
_CLEARED = {None, 0, 16, 31}
#: Of events of one instant, these come first, in this order.
_ORDER = {kind: place for place, kind in enumerate(("BRIDGE_EXIT", "APP_END", "USER_DEFINED"))}


#: The neutral table's, the code that was keyed in among them.
COLUMNS = (*table.COLUMNS, table.OPTIONAL_COLUMN)


@dataclass(slots=True)
class _Stay:
    """One stay in a mixing bridge; `entered` or `left` is None where the bridge never told it."""

    entered: ChannelEvent | None
    left: ChannelEvent | None
    app_data: str
    said: dict[str, str] = field(default_factory=dict)
    result: str = ""
    cause: int | None = None

    @property
    def event(self) -> ChannelEvent:
        return self.entered or self.left


class _Channel:
    """Walks once through a channel's events, in their order in time, and gathers its stays."""

    def __init__(self):
        self.stays: list[_Stay] = []
        self.is_inside = False
        self.running: str | None = None
        self.dialled = ""
        self.said: dict[str, str] = {}

    def see(self, event: ChannelEvent) -> None:
        self.dialled = self.dialled or event.dialled_number
        match event.kind:
            case "USER_DEFINED" if event.user_event == "left" and self.stays:
                self.stays[-1].result = event.words.upper()
            case "USER_DEFINED":
                self.said[event.user_event] = event.words
            case "APP_START" if _is_confbridge(event):
                self.running = event.app_data
            case "APP_END" if _is_confbridge(event):
                self.running = None
            case "BRIDGE_ENTER" | "BRIDGE_EXIT" if event.technology == "softmix":
                self._move(event, event.app_data if _is_confbridge(event) else self.running)
            case "HANGUP" if self.stays:
                self.stays[-1].cause = event.hangup_cause

    def _move(self, event: ChannelEvent, app_data: str | None) -> None:
        if app_data is None:
            return
        if event.kind == "BRIDGE_ENTER":
            self.stays.append(_Stay(event, None, app_data, self.said))
            self.is_inside = True
        elif self.is_inside and self.stays[-1].event.mixer == event.mixer:
            self.stays[-1].left = event
            self.stays[-1].said = self.said
            self.is_inside = False
        else:
            self.stays.append(_Stay(None, event, app_data, self.said))
            self.is_inside = False
        self.said = dict(self.said)


def rows_of(events: Iterable[ChannelEvent]) -> list[dict[str, str]]:
    """Return the rows of the neutral table that one channel's events make; often there are none.

    A stay of which only the end was told has an empty `joined_at`.
    """
    happened = sorted(events, key=_moment)
    if not happened or _is_callers_own_half(happened[0]):
        return []
    channel = _Channel()
    for event in happened:
        channel.see(event)
    started_at = next((event.extension for event in happened if event.kind == "CHAN_START"), "")
    return [_row(stay, channel.dialled or started_at) for stay in channel.stays]


def _moment(event: ChannelEvent) -> tuple[dt.datetime, int, str]:
    return event.at, _ORDER.get(event.kind, len(_ORDER)), event.digest


def _is_callers_own_half(event: ChannelEvent) -> bool:
    """Tell whether this is the outer half of a Local pair: the other half met the conference."""
    return event.channel_name.startswith("Local/") and event.channel_name.endswith(";1")


def _is_confbridge(event: ChannelEvent) -> bool:
    return event.app_name.lower() == "confbridge"


def _row(stay: _Stay, dialled: str) -> dict[str, str]:
    here, said = stay.event, stay.said
    is_outdial = "outdial" in said
    room = stay.app_data.split(",")[0].strip() or here.extension
    called = said.get("outdial", "")
    return {
        "bridge": here.bridge,
        "session_id": here.mixer,
        "leg_id": f"{here.unique_id}/{here.at.timestamp():.6f}",
        "conference": room,
        "joined_at": stay.entered.at.isoformat() if stay.entered else "",
        "left_at": stay.left.at.isoformat() if stay.left else "",
        "caller_number": called if called not in ("", room) else here.caller_number,
        "caller_name": here.caller_name,
        "dialled_number": "" if is_outdial else said.get("dialled") or dialled,
        "direction": "outbound" if is_outdial else "inbound",
        "moderator": "true" if said.get("role") == "moderator" else "false",
        "left_because": _left_because(stay),
        "pin_reference": said.get("pin") or here.user_field.removeprefix("pin:"),
        "billing_code": said.get("code", ""),
    }


def _left_because(stay: _Stay) -> LeftBecause:
    because = _BECAUSE.get(stay.result, LeftBecause.UNKNOWN)
    may_have_failed = because in (LeftBecause.UNKNOWN, LeftBecause.HUNG_UP)
    return LeftBecause.FAILURE if may_have_failed and stay.cause not in _CLEARED else because
