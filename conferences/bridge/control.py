"""The live control of calls: one way to ask any kind of bridge, with little patience.

Each kind of bridge has a driver of its own beside this file. A driver's `connect(line)` gives a
`Control` for the length of a block; whatever goes wrong on the way comes out as one of the named
exceptions here. Rooms are called by the conference's number.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from types import ModuleType
from typing import Any, Protocol

#: How long one bridge may take for everything that is asked of it at once.
PATIENCE_SECONDS = 3
#: So many bridges are asked at the same time.
BRIDGES_AT_ONCE = 8
#: What may be sent to a bridge: neither line breaks, with which another command would begin, nor
#: spaces, with which another argument would.
ROOM = re.compile(r"[0-9]{1,20}", re.ASCII)
E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
PATH = re.compile(r"/[A-Za-z0-9_./-]{1,250}", re.ASCII)


class BridgeUnreachable(Exception):
    """A bridge does not answer in time, or not as a bridge does; the text says which and why."""


class AnswerLost(BridgeUnreachable):
    """An order went out and its answer never came: it may have been carried out."""


class NoCall(Exception):
    """Nobody is on the conference, on any bridge."""


class MemberGone(Exception):
    """The caller has left meanwhile."""


class OrderRefused(Exception):
    """The bridge said no; the text is what it said."""


class Order(StrEnum):
    """What a moderator may order, of one caller or of the whole call."""

    MUTE = "mute"
    UNMUTE = "unmute"
    DROP = "drop"
    MUTE_OTHERS = "mute-others"
    LOCK = "lock"
    UNLOCK = "unlock"
    RECORD = "record"
    STOP_RECORDING = "stop-recording"


#: The orders that are about one caller.
OF_A_CALLER = frozenset({Order.MUTE, Order.UNMUTE, Order.DROP})


@dataclass(frozen=True, slots=True)
class Line:
    """Where a bridge listens for orders, and with what it is entered."""

    name: str
    kind: str
    host: str
    port: int | None
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """One caller who is on. `id` names the caller's channel, `handle` is what orders go by.

    `name` and `number` are what the caller's telephone says: hostile input. `seconds` since
    joining.
    """

    id: str
    handle: str
    name: str
    number: str
    is_moderator: bool
    is_muted: bool
    is_talking: bool
    seconds: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is held. `is_recording` is None where the bridge does not tell."""

    room: str
    uuid: str
    members: list[Member]
    is_locked: bool
    is_recording: bool | None

    def member(self, member_id: str) -> Member:
        """Return the member of that id. Raises MemberGone."""
        for member in self.members:
            if member.id == member_id:
                return member
        raise MemberGone(member_id)


class Control(Protocol):
    """One bridge, entered and ready to be asked."""

    async def rooms(self) -> dict[str, int]:
        """Return how many callers each room has that has any."""

    async def call(self, room: str) -> Call | None:
        """Return the call in `room`, None where nobody is on."""

    async def give(self, order: Order, call: Call, member: Member | None, path: str) -> None:
        """Carry the order out. Raises MemberGone, OrderRefused."""

    async def dial(self, call: Call, number: str, trunk: str, caller_id: str) -> None:
        """Begin to call `number` (E.164) into the call, not waiting for an answer."""


#: What a bridge, which is told its name, is asked, and what is done on one that holds the call.
Question = Callable[[Control, str], Awaitable[Any]]
Deed = Callable[[Control, Call], Awaitable[Any]]


def rooms_on(lines: Iterable[Line]) -> tuple[dict[str, int], dict[str, str]]:
    """Return how many are on in each room, and which bridges do not answer, with why."""
    answers = _ask(lines, lambda control, _: control.rooms())
    counts: Counter[str] = Counter()
    for rooms in _found(answers):
        counts.update(rooms)
    return dict(counts), _silent(answers)


def call_on(lines: Iterable[Line], room: str) -> tuple[Call | None, dict[str, str]]:
    """Return the call in `room`, and which bridges do not answer, with why.

    Where two bridges hold one, it is the call with more callers; None where no bridge that answers
    has any. Raises ValueError for what can be no room.
    """
    checked(ROOM, room)
    answers = _ask(lines, lambda control, _: control.call(room))
    calls = _found(answers)
    return max(calls, key=lambda call: len(call.members), default=None), _silent(answers)


def order_on(
    lines: Iterable[Line], room: str, order: Order, *, member_id: str = "", path: str = ""
) -> Member | None:
    """Give an order where the call is; return the member whom it was about.

    Raises NoCall, MemberGone, OrderRefused, BridgeUnreachable; AnswerLost where it was sent.
    """

    async def deed(control: Control, call: Call) -> list[Member | None]:
        member = call.member(member_id) if member_id else None
        await control.give(order, call, member, path and checked(PATH, path))
        return [member]

    return _deed_done(lines, room, deed)[0][0]


def dial_on(lines: Iterable[Line], room: str, number: str, *, trunk: str, caller_id: str) -> None:
    """Call `number` into the call in `room`, once though two bridges hold it.

    Raises as `order_on`.
    """
    words = checked(E164, number), checked(WORD, trunk), caller_id and checked(E164, caller_id)
    is_dialled = False

    async def deed(control: Control, call: Call) -> bool:
        nonlocal is_dialled
        if not is_dialled:
            is_dialled = True
            await control.dial(call, *words)
        return True

    _deed_done(lines, room, deed)


def channel_id(text: str) -> str:
    """Return a channel's name, which pages put into addresses. Raises BridgeUnreachable."""
    if not WORD.fullmatch(text):
        raise BridgeUnreachable(f"its list cannot be read: no channel is called {text[:64]!r}")
    return text


def checked(pattern: re.Pattern, text: str) -> str:
    """Return `text`, which nothing but `pattern` may be. Raises ValueError."""
    if not pattern.fullmatch(text):
        raise ValueError(f"not to be sent to a bridge: {text!r}")
    return text


def _deed_done(lines: Iterable[Line], room: str, deed: Deed) -> list[Any]:
    """Do the deed on each bridge that holds the call; return what came of it there."""
    checked(ROOM, room)
    begun_on: set[str] = set()

    async def act(control: Control, name: str) -> Any:
        call = await control.call(room)
        if call is None:
            return None
        begun_on.add(name)
        return await deed(control, call)

    answers = _ask(lines, act)
    for name in begun_on:
        if isinstance(answers[name], BridgeUnreachable):
            answers[name] = AnswerLost(str(answers[name]))
    return _done(answers)


def _done(answers: dict[str, Any]) -> list[Any]:
    """Return what came of a deed where the call is held, or raise why nothing did."""
    if found := _found(answers):
        return found
    for kind in (AnswerLost, OrderRefused, MemberGone, BridgeUnreachable):
        for answer in answers.values():
            if isinstance(answer, kind):
                raise answer
    raise NoCall


def _found(answers: dict[str, Any]) -> list[Any]:
    return [answer for answer in answers.values() if answer and not isinstance(answer, Exception)]


def _silent(answers: dict[str, Any]) -> dict[str, str]:
    return {
        name: str(answer)
        for name, answer in answers.items()
        if isinstance(answer, BridgeUnreachable)
    }


def _ask(lines: Iterable[Line], question: Question) -> dict[str, Any]:
    """Ask all bridges at the same time; return their answers by their names.

    An answer may be the named exception that came instead.
    """
    lines = list(lines)
    return asyncio.run(_answers(lines, question)) if lines else {}


async def _answers(lines: list[Line], question: Question) -> dict[str, Any]:
    drivers = {line.kind: _driver_of(line.kind) for line in lines}  # loaded before any time runs
    at_once = asyncio.Semaphore(BRIDGES_AT_ONCE)

    async def ask(line: Line) -> Any:
        async with at_once:
            return await _answer(drivers[line.kind].connect(line), line.name, question)

    answers = await asyncio.gather(*map(ask, lines))
    return {line.name: answer for line, answer in zip(lines, answers, strict=True)}


async def _answer(
    entering: AbstractAsyncContextManager[Control], name: str, question: Question
) -> Any:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), entering as control:
            return await question(control, name)
    except (TimeoutError, OSError) as error:
        return BridgeUnreachable(f"{name}: {str(error) or 'no answer in time'}")
    except BridgeUnreachable as error:
        return BridgeUnreachable(f"{name}: {error}")
    except (MemberGone, OrderRefused) as error:
        return error


def _driver_of(kind: str) -> ModuleType:
    # Late: the drivers' libraries take half a second to load, which every process would pay.
    if kind == "asterisk":
        from conferences.bridge import asterisk_control as driver  # noqa: PLC0415
    else:
        from conferences.bridge import freeswitch_control as driver  # noqa: PLC0415
    return driver
