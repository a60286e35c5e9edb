"""Who may enter a conference by telephone, as what, and why not: decided from what is stored."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings

from conferences import schedules
from conferences.models import Bridge, Conference, Pin

#: What a caller keys in: a PIN and, after a star, the billing code of the call.
KEYED_IN = re.compile(r"(?P<digits>[0-9]{1,20})(?:\*(?P<code>[0-9]{0,20}))?#?", re.ASCII)


class Reason(StrEnum):
    """Why a caller is not let in. A PIN that was removed is UNKNOWN, like one that never was."""

    UNKNOWN = "unknown"
    LOCKED_OUT = "locked_out"
    NOT_YET = "not_yet"
    OVER = "over"
    USED_UP = "used_up"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Call:
    """A call at the door: `name` is the bridge's for its channel, the numbers are digits.

    `caller_number` is empty where the caller withholds it.
    """

    bridge: Bridge
    name: str
    caller_number: str
    dialled_number: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Leave to enter a conference now; `billing_code` is what the caller keyed in after the PIN."""

    pin: Pin
    billing_code: str

    @property
    def conference(self) -> Conference:
        return self.pin.conference

    @property
    def pin_reference(self) -> str:
        """By which the call record names the PIN; it opens nothing."""
        return str(self.pin.pk)

    @property
    def is_moderator(self) -> bool:
        return self.pin.kind == Pin.Kind.MODERATOR

    @property
    def is_muted(self) -> bool:
        return self.conference.mutes_on_entry and self.pin.kind == Pin.Kind.PARTICIPANT

    @property
    def waits(self) -> bool:
        return self.conference.waits_for_moderator and not self.is_moderator


@dataclass(frozen=True, slots=True)
class Refusal:
    """No entry; `opens_at` is told with NOT_YET alone."""

    reason: Reason
    opens_at: dt.datetime | None = None


def parted(keyed_in: str) -> tuple[str, str]:
    """Part what a caller keyed in into the PIN and the billing code; both empty for nonsense."""
    match = KEYED_IN.fullmatch(keyed_in)
    return (match["digits"], match["code"] or "") if match else ("", "")


def plain_number(number: str) -> str:
    """Return the digits of a telephone number; empty where it is withheld.

    A switch writes a withheld number as a word (anonymous, <unknown>) or as zeros.
    """
    digits = re.sub(r"[^0-9]", "", number)[:20]
    return digits if digits.strip("0") else ""


def refusal_of(pin: Pin, *, now: dt.datetime) -> Refusal | None:
    """Say why `pin` opens nothing at `now`, its uses aside; None where it does."""
    conference = pin.conference
    if conference.closed_at is not None or _is_closed(conference.account, now):
        return Refusal(Reason.CLOSED)
    if pin.ends_at is not None and pin.ends_at <= now:
        return Refusal(Reason.OVER)
    if pin.starts_at is not None and pin.starts_at > now:
        return Refusal(Reason.NOT_YET, opens_at=pin.starts_at)
    if schedules.is_open_for(conference, pin.kind, now=now):
        return None
    opens_at = schedules.opens_next(conference, pin.kind, now=now)
    return Refusal(Reason.NOT_YET, opens_at) if opens_at else Refusal(Reason.OVER)


def _is_closed(account, now: dt.datetime) -> bool:
    """Tell whether the account's last day, in the operator's zone, has passed."""
    today = now.astimezone(ZoneInfo(settings.BILLING_TIME_ZONE)).date()
    return account.closed_on is not None and account.closed_on < today
