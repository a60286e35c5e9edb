"""Live control of Asterisk's ConfBridge through its manager interface (AMI).

The words are those that a running Asterisk was heard to say (tests/conferences/captured). It does
not tell whether a call is being recorded. Source: apps/confbridge of Asterisk, f0c1c1a7b7.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from panoramisk import Manager
from panoramisk.message import Message

from conferences.bridge.control import (
    ROOM,
    BridgeUnreachable,
    Call,
    Line,
    Member,
    MemberGone,
    Order,
    OrderRefused,
    channel_id,
    checked,
)

DEFAULT_PORT = 5038
#: Longer than any connection of ours: panoramisk would connect again, and repeat what was cut off.
NEVER_SECONDS = 24 * 60 * 60
ACTIONS = {
    Order.MUTE: "ConfbridgeMute",
    Order.UNMUTE: "ConfbridgeUnmute",
    Order.DROP: "ConfbridgeKick",
    Order.MUTE_OTHERS: "ConfbridgeMute",
    Order.LOCK: "ConfbridgeLock",
    Order.UNLOCK: "ConfbridgeUnlock",
    Order.RECORD: "ConfbridgeStartRecord",
    Order.STOP_RECORDING: "ConfbridgeStopRecord",
}
#: ConfbridgeMute's word for all who are not moderators.
PARTICIPANTS = "participants"
#: Where deploy/bridge/asterisk lets in whom a moderator called, and writes down that it was so.
OUT_DIAL_CONTEXT = "accuconf-outdial"


@asynccontextmanager
async def connect(line: Line) -> AsyncIterator[Asterisk]:
    """Give the control of an Asterisk for the length of the block. Raises BridgeUnreachable."""
    cut = asyncio.get_running_loop().create_future()
    manager = Manager(
        loop=asyncio.get_running_loop(),
        host=line.host,
        port=line.port or DEFAULT_PORT,
        username=_one_line(line.user),
        secret=_one_line(line.password),
        events="off",
        reconnect_timeout=NEVER_SECONDS,
        on_disconnect=lambda manager, error: cut.done() or cut.set_result(error),
    )
    try:
        await manager.connect()
        asterisk = Asterisk(manager, cut)
        if not (await asterisk.answer(manager.authenticated_future)).success:
            raise BridgeUnreachable("it refuses the password of its control")
        yield asterisk
    finally:
        manager.close()


class Asterisk:
    """An Asterisk that has let us in; `cut` is done once the connection is."""

    def __init__(self, manager: Manager, cut: asyncio.Future) -> None:
        self.manager = manager
        self.cut = cut

    async def rooms(self) -> dict[str, int]:
        listed = await self._list({"Action": "ConfbridgeListRooms"})
        return {_text(room, "Conference"): _whole(room, "Parties") for room in listed}

    async def call(self, room: str) -> Call | None:
        checked(ROOM, room)
        listed, rooms = await asyncio.gather(
            self._list({"Action": "ConfbridgeList", "Conference": room}),
            self._list({"Action": "ConfbridgeListRooms"}),
        )
        if not listed:
            return None
        return Call(
            room=room,
            uuid="",
            members=[_member(each) for each in listed],
            is_locked=any(
                _text(each, "Conference") == room and _text(each, "Locked") == "Yes"
                for each in rooms
            ),
            is_recording=None,
        )

    async def give(self, order: Order, call: Call, member: Member | None, path: str) -> None:
        action = {"Action": ACTIONS[order], "Conference": checked(ROOM, call.room)}
        if member is not None:
            action["Channel"] = _one_line(member.handle)
        elif order == Order.MUTE_OTHERS:
            action["Channel"] = PARTICIPANTS
        elif order == Order.RECORD:
            action["RecordFile"] = path
        await self._order(action)

    async def dial(self, call: Call, number: str, trunk: str, caller_id: str) -> None:
        action = {
            "Action": "Originate",
            "Channel": f"PJSIP/{number}@{trunk}",
            "Context": OUT_DIAL_CONTEXT,
            "Exten": checked(ROOM, call.room),
            "Priority": "1",
            "Variable": f"ACCUCONF_CALLED={number}",
            "Async": "true",
        }
        if caller_id:
            action["CallerID"] = caller_id
        await self._order(action)

    async def answer(self, future: asyncio.Future) -> Any:
        """Wait for an answer, or for the end of the connection. Raises BridgeUnreachable."""
        await asyncio.wait({future, self.cut}, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            raise BridgeUnreachable("it closed the connection")
        return future.result()

    async def _order(self, action: dict[str, str]) -> None:
        # `as_list=False`: it answers that it begins to dial; who picks up is seen on the list.
        response = await self.answer(self.manager.send_action(action, as_list=False))
        if response.success:
            return
        said = _text(response, "Message")
        if "No Channel by that name" in said:
            raise MemberGone(said)
        raise OrderRefused(said)

    async def _list(self, action: dict[str, str]) -> list[Message]:
        """Return the events of a list; none where Asterisk says that there is no such thing."""
        answer = await self.answer(self.manager.send_action(action))
        if isinstance(answer, list):
            return [each for each in answer if each.get("Event") == action["Action"]]
        if _text(answer, "Message").startswith("No "):
            return []
        raise BridgeUnreachable(f"it refuses to list: {_text(answer, 'Message')!r}")


def _member(listed: Message) -> Member:
    return Member(
        id=channel_id(_text(listed, "Uniqueid")),
        handle=_text(listed, "Channel"),
        name=_known(_text(listed, "CallerIDName")),
        number=_known(_text(listed, "CallerIDNum")),
        is_moderator=_text(listed, "Admin") == "Yes",
        is_muted=_text(listed, "Muted") == "Yes",
        is_talking=_text(listed, "Talking") == "Yes",
        seconds=_whole(listed, "AnsweredTime"),
    )


def _text(message: Message, name: str) -> str:
    """Return a header; of one that is there more than once, the first, which Asterisk wrote."""
    value = message.get(name, "")
    return value[0] if isinstance(value, list) else value


def _whole(message: Message, name: str) -> int:
    """Return a number. Raises BridgeUnreachable."""
    text = _text(message, name)
    if not (text.isascii() and text.isdigit()):
        raise BridgeUnreachable(f"its list cannot be read: {name} is {text!r}")
    return int(text)


def _known(text: str) -> str:
    return "" if text == "<unknown>" else text


def _one_line(text: str) -> str:
    """Return `text`, which must not begin another line. Raises BridgeUnreachable."""
    if "\r" in text or "\n" in text:
        raise BridgeUnreachable("a line break cannot be sent to it")
    return text
