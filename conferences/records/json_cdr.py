"""FreeSWITCH's mod_json_cdr: one JSON document per channel, written or posted when it ends.

Every value that is read here is a string. With `encode-values`, the module's default, those of
`variables` are percent-encoded, and no others (switch_ivr.c, switch_ivr_set_json_chan_vars); the
document does not say so, but shows it: the encoding leaves none of certain characters. The newest
entry of `callflow` comes first, and is the caller as the conference knew it. The dialplan brings
back what the portal gave it at the door: `accuconf_pin` and `accuconf_billing_code`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from conferences.records.channel import ChannelRecord, channel_key, checked
from conferences.records.leg import (
    LeftBecause,
    ParsedFile,
    Reason,
    Unreadable,
    one_line,
    storable,
    unreadable,
)

LARGEST_BYTES = 4 * 1024 * 1024
#: What the switch's encoder never leaves as it is (switch_utils.c, switch_url_encode).
_ENCODED_ALWAYS = re.compile(r'[\r\n "#&+:;<=>?@\[\\\]^`{|}]|[^\x00-\x7f]|%(?![0-9A-Fa-f]{2})')
_DIRECTIONS = {"inbound": False, "outbound": True}
_MICROSECONDS = re.compile(r"[0-9]{1,17}", re.ASCII)
_CAUSE = re.compile(r"[0-9]{1,3}", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class NotAReport(Exception):
    """The document is not what the module would have written."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def read(path: Path) -> ParsedFile:
    """Read one report; what cannot be read is one Unreadable, with its reason. Raises OSError."""
    with path.open("rb") as file:
        data = file.read(LARGEST_BYTES + 1)
    raw = storable(data.decode(errors="backslashreplace"))
    try:
        return ParsedFile([_report(_document(data), raw)])
    except NotAReport as refused:
        return ParsedFile([unreadable(1, refused.reason, refused.detail, raw)])


def _document(data: bytes) -> dict[str, Any]:
    if len(data) > LARGEST_BYTES:
        detail = f"The report is larger than {LARGEST_BYTES} bytes."
        raise NotAReport(Reason.TOO_LARGE, detail)
    try:
        document = json.loads(data.decode(errors="replace"), object_pairs_hook=_named_once)
    except ValueError as error:
        raise NotAReport(Reason.NOT_WELL_FORMED, f"The report is not JSON: {error}.") from error
    except RecursionError as error:
        raise NotAReport(Reason.NOT_AS_WRITTEN, "The report is nested too deep.") from error
    if not isinstance(document, dict):
        raise NotAReport(Reason.NOT_AS_WRITTEN, "The report is not one JSON object.")
    return document


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, unless it tells one name twice and differently. Raises NotAReport."""
    told: dict[str, Any] = {}
    for name, value in pairs:
        if told.setdefault(name, value) != value:
            detail = f"The report tells {name[:50]!r} twice, and differently."
            raise NotAReport(Reason.NOT_AS_WRITTEN, detail)
    return told


def _report(document: dict[str, Any], raw: str) -> ChannelRecord | Unreadable:
    variables = _decoded(_part(document, "variables"))
    caller = _part(_newest(document), "caller_profile")
    bridge = _text(document, "switchname")
    uuid = _text(variables, "uuid")
    if not (bridge and uuid):
        raise NotAReport(Reason.NO_ID, "The report names no switch or no channel.")
    cause, disposition = _text(variables, "hangup_cause"), _disposition(variables)
    return checked(
        ChannelRecord(
            bridge=bridge,
            channel=channel_key(bridge, uuid),
            conference_uuid=_text(variables, "conference_uuid").lower(),
            conference_name=_text(variables, "conference_name").partition("@")[0],
            caller_number=storable(one_line(_text(caller, "caller_id_number"))),
            dialled_number=_text(caller, "destination_number"),
            is_outbound=_is_outbound(variables),
            started_at=_instant(variables, "start"),
            answered_at=_instant_or_none(variables, "answer"),
            ended_at=_instant(variables, "end"),
            hangup_cause=cause,
            q850_cause=_q850(variables),
            disposition=disposition,
            left_because=_left_because(cause, disposition),
            pin_reference=_text(variables, "accuconf_pin"),
            billing_code=_text(variables, "accuconf_billing_code"),
            position=1,
            raw=raw,
        )
    )


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    if not isinstance(part, dict):
        raise NotAReport(Reason.NOT_AS_WRITTEN, f"The report has no {name!r}.")
    return part


def _newest(document: dict[str, Any]) -> dict[str, Any]:
    callflow = document.get("callflow")
    if not (isinstance(callflow, list) and callflow and isinstance(callflow[0], dict)):
        raise NotAReport(Reason.NOT_AS_WRITTEN, "The report has no 'callflow'.")
    return callflow[0]


def _decoded(variables: dict[str, Any]) -> dict[str, Any]:
    """Undo the percent-encoding, if every value looks as the encoder leaves it."""
    texts = [value for value in variables.values() if isinstance(value, str)]
    if any(map(_ENCODED_ALWAYS.search, texts)):
        return variables
    return {
        name: unquote(value) if isinstance(value, str) else value
        for name, value in variables.items()
    }


def _text(part: dict[str, Any], name: str) -> str:
    """Return the text under `name`, "" where there is none: the switch leaves out what is empty."""
    text = part.get(name, "")
    if not isinstance(text, str):
        raise NotAReport(Reason.NOT_AS_WRITTEN, f"{name} is no text, as the switch would write it.")
    return text


def _is_outbound(variables: dict[str, Any]) -> bool:
    direction = _text(variables, "direction")
    if direction not in _DIRECTIONS:
        raise NotAReport(Reason.BAD_VALUE, "direction is neither inbound nor outbound.")
    return _DIRECTIONS[direction]


def _instant(variables: dict[str, Any], event: str) -> dt.datetime:
    instant = _instant_or_none(variables, event)
    if instant is None:
        raise NotAReport(Reason.BAD_TIME, f"The report does not tell the channel's {event}.")
    return instant


def _instant_or_none(variables: dict[str, Any], event: str) -> dt.datetime | None:
    """Read microseconds since 1970, or else seconds; 0 means that it did not happen."""
    name, unit = f"{event}_uepoch", "microseconds"
    if name not in variables:
        name, unit = f"{event}_epoch", "seconds"
    text = _text(variables, name) or "0"
    try:
        if not _MICROSECONDS.fullmatch(text):
            raise ValueError(text)
        return _EPOCH + dt.timedelta(**{unit: int(text)}) if int(text) else None
    except (OverflowError, ValueError):
        detail = f"{name} is no time since 1970 in {unit}."
        raise NotAReport(Reason.BAD_TIME, detail) from None


def _q850(variables: dict[str, Any]) -> int | None:
    text = _text(variables, "hangup_cause_q850")
    if text and not _CAUSE.fullmatch(text):
        raise NotAReport(Reason.BAD_VALUE, "hangup_cause_q850 is no cause of Q.850.")
    return int(text) if text else None


def _disposition(variables: dict[str, Any]) -> str:
    return _text(variables, "sip_hangup_disposition")


def _left_because(cause: str, disposition: str) -> LeftBecause:
    """Tell why the channel ended; who was removed, only the conference's record knows."""
    if disposition == "recv_bye":
        return LeftBecause.HUNG_UP
    if cause == "NORMAL_CLEARING":
        is_ours = disposition == "send_bye"
        return LeftBecause.BRIDGE_ENDED if is_ours else LeftBecause.UNKNOWN
    return LeftBecause.FAILURE if cause else LeftBecause.UNKNOWN
