"""The live call: who is on, and what a moderator does with them.

A bridge is ordered first and the audit log written after, since nothing takes back what a caller
has heard; an order whose answer is lost is written down as such. No transaction waits for a bridge.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache

from accounts.actors import Actor
from accounts.services.audit import record
from conferences.bridge.control import (
    ROOM,
    AnswerLost,
    BridgeUnreachable,
    Call,
    Line,
    Member,
    NoCall,
    Order,
    call_on,
    dial_on,
    order_on,
    rooms_on,
)
from conferences.models import Bridge, Conference
from users.throttling import HOUR, Limit, count

logger = logging.getLogger(__name__)

#: How each order is told in the audit log.
VERBS = {
    Order.MUTE: "muted a caller on",
    Order.UNMUTE: "unmuted a caller on",
    Order.DROP: "dropped a caller from",
    Order.MUTE_OTHERS: "muted all but the moderators on",
    Order.LOCK: "locked the call on",
    Order.UNLOCK: "unlocked the call on",
    Order.RECORD: "started to record",
    Order.STOP_RECORDING: "stopped recording",
}
CALLED_OUT = "called somebody into"
#: A bridge that did not answer is left alone so long, lest every page waits for it.
REST_SECONDS = 10
#: Counts of callers are forgotten after this, so that none is shown that nobody renews.
COUNTS_SECONDS = 30
COUNTS = "live:counts"
#: By account: whoever gets hold of a moderator's sign-in shall not ring up the world.
CALLS_OUT = Limit("calls out", tries=30, seconds=HOUR)


@dataclass(frozen=True, slots=True)
class OnNow:
    """One caller who is on, as a page shows it; `joined_at` is an aware instant."""

    member: Member
    joined_at: dt.datetime


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that is held now: moderators first, then in the order in which they came."""

    call: Call
    people: list[OnNow]


def lines_of(bridges: Iterable[Bridge]) -> list[Line]:
    """Return where those of `bridges` listen that may be controlled."""
    return [
        Line(
            name=bridge.name,
            kind=bridge.kind,
            host=bridge.control_host,
            port=bridge.control_port,
            user=bridge.control_user,
            password=bridge.control_password,
        )
        for bridge in bridges
        if bridge.control_host
    ]


def live_call(conference: Conference, *, now: dt.datetime) -> LiveCall | None:
    """Return the call that is held on `conference`; None where nobody is on.

    Raises BridgeUnreachable where a bridge does not answer that might hold it.
    """
    if not ROOM.fullmatch(conference.number):
        return None
    lines, resting = _lines()
    call, silent = call_on(lines, conference.number)
    let_rest(silent)
    if call is not None:
        people = [OnNow(one, now - dt.timedelta(seconds=one.seconds)) for one in call.members]
        people.sort(key=lambda one: (not one.member.is_moderator, one.joined_at, one.member.id))
        return LiveCall(call, people)
    if silent or resting:
        raise BridgeUnreachable("; ".join([*silent.values(), *resting]))
    return None


def give_order(
    conference: Conference, order: Order, *, by: Actor, now: dt.datetime, member_id: str = ""
) -> Member | None:
    """Give an order where the call is held, and return the member whom it was about, if any.

    Raises NoCall, MemberGone, OrderRefused, BridgeUnreachable.
    """
    path = _recording_path(conference, now) if order == Order.RECORD else ""
    with _told(conference, VERBS[order], by=by, now=now) as told:
        told |= {"caller": member_id} if member_id else {}
        member = _on_its_bridge(order_on, conference, order, member_id=member_id, path=path)
        told |= {"caller": name_of(member)} if member else {}
    return member


def call_out(conference: Conference, number: str, *, by: Actor, now: dt.datetime) -> None:
    """Call `number` (E.164) into the call that is held on `conference`.

    Raises TooManyTries, NoCall, OrderRefused, BridgeUnreachable.
    """
    count(CALLS_OUT, conference.account_id, now=now)
    with _told(conference, CALLED_OUT, by=by, now=now) as told:
        told["number"] = number
        trunk, caller_id = settings.OUT_DIAL_TRUNK, settings.OUT_DIAL_CALLER_ID
        _on_its_bridge(dial_on, conference, number, trunk=trunk, caller_id=caller_id)


def note_live_calls() -> None:
    """Ask every bridge who is on, and keep the counts for the pages that list conferences."""
    counts, silent = rooms_on(lines_of(Bridge.objects.active()))
    for why in silent.values():
        logger.warning("A bridge does not tell who is on: %s", why)
    let_rest(silent)
    cache.set(COUNTS, counts, timeout=COUNTS_SECONDS)


def counts_on_now() -> dict[str, int]:
    """Return how many are on, by conference number, as last noted; never asks a bridge."""
    return cache.get(COUNTS) or {}


def why_silent(bridge: Bridge) -> str:
    """Say why `bridge` cannot be controlled; empty where it can."""
    if not bridge.control_host:
        return f"{bridge}: it has no control host"
    _, silent = rooms_on(lines_of([bridge]))
    return silent.get(bridge.name, "")


def let_rest(names: Iterable[str]) -> None:
    """Leave the bridges of these names alone for a while."""
    cache.set_many({_rest_of(name): name for name in names}, timeout=REST_SECONDS)


def name_of(member: Member) -> str:
    """Name a caller for people: by name and number, by either, or as somebody unknown."""
    return ", ".join(part for part in (member.name, member.number) if part) or "unknown caller"


@contextmanager
def _told(conference: Conference, verb: str, *, by: Actor, now: dt.datetime) -> Iterator[dict]:
    """Write the block's order into the audit log once it is given, with the facts put in."""
    facts: dict[str, str] = {}
    try:
        yield facts
    except AnswerLost:
        facts["answer"] = "none: it may have been carried out"
        record(verb, conference, by=by, now=now, account=conference.account, after=facts)
        raise
    record(verb, conference, by=by, now=now, account=conference.account, after=facts)


def _on_its_bridge(act: Callable[..., Any], conference: Conference, *order: Any, **how: Any) -> Any:
    """Act on the bridge that holds the call.

    Raises NoCall, MemberGone, OrderRefused, BridgeUnreachable.
    """
    if not ROOM.fullmatch(conference.number):
        raise NoCall(conference.number)
    lines, resting = _lines()
    try:
        return act(lines, conference.number, *order, **how)
    except NoCall as error:
        if resting:
            raise BridgeUnreachable("; ".join(resting)) from error
        raise


def _lines() -> tuple[list[Line], list[str]]:
    """Return the bridges to be asked, and the names of those that rest."""
    lines = lines_of(Bridge.objects.active())
    resting = set(cache.get_many([_rest_of(line.name) for line in lines]).values())
    return [line for line in lines if line.name not in resting], sorted(resting)


def _rest_of(name: str) -> str:
    return f"live:rest:{hashlib.sha256(name.encode()).hexdigest()}"


def _recording_path(conference: Conference, now: dt.datetime) -> str:
    """Name a new file on the bridge by conference and time, by which its session is found."""
    return f"{settings.BRIDGE_RECORDINGS_FOLDER}/{conference.number}_{now:%Y%m%dT%H%M%SZ}.wav"
