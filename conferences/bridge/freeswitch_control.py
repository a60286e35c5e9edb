"""Live control of FreeSWITCH through its event socket, by `api conference …`.

The words it answers with are those of mod_conference's conference_api.c, cc93a683ca.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from genesis import Inbound
from genesis.exceptions import AuthenticationError, GenesisError
from genesis.observability import logger

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

DEFAULT_PORT = 8021
#: Below this, genesis writes each command to its log, the one with the password too.
logger.setLevel(logging.WARNING)


class Readable:
    """What a socket says, with whatever is no UTF-8 replaced.

    Genesis stops reading at such a byte, and any caller may have one in the name.
    """

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.reader = reader

    async def readline(self) -> bytes:
        return _as_utf8(await self.reader.readline())

    async def readexactly(self, count: int) -> bytes:
        return _as_utf8(await self.reader.readexactly(count))


class EventSocket(Inbound):
    """Genesis' connection, which reads whatever callers are named, and notices when it is cut."""

    async def _connect(self) -> None:
        await super()._connect()
        self.reader = Readable(self.reader)

    async def api(self, command: str) -> str:
        """Return what the bridge answers to an api command. Raises BridgeUnreachable."""
        sending = asyncio.ensure_future(self.send(f"api {command}"))
        try:
            await asyncio.wait({sending, self.producer}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise BridgeUnreachable("it closed the connection")
            return sending.result().body or ""
        finally:
            sending.cancel()


@asynccontextmanager
async def connect(line: Line) -> AsyncIterator[FreeSwitch]:
    """Give the control of a FreeSWITCH for the length of the block. Raises BridgeUnreachable."""
    socket = EventSocket(line.host, line.port or DEFAULT_PORT, line.password)
    try:
        await socket.start()
        yield FreeSwitch(socket)
    except AuthenticationError as error:
        raise BridgeUnreachable("it refuses the password of its control") from error
    except GenesisError as error:
        raise BridgeUnreachable(f"it cannot be reached: {error!r}") from error
    finally:
        await socket.stop()


class FreeSwitch:
    """A FreeSWITCH that has let us in."""

    def __init__(self, socket: EventSocket) -> None:
        self.socket = socket

    async def rooms(self) -> dict[str, int]:
        calls = [_call(each) for each in await self._listed("conference json_list")]
        return {call.room: len(call.members) for call in calls if call.members}

    async def call(self, room: str) -> Call | None:
        listed = await self._listed(f"conference {checked(ROOM, room)} json_list")
        calls = [call for call in map(_call, listed) if call.room == room and call.members]
        return calls[0] if calls else None

    async def give(self, order: Order, call: Call, member: Member | None, path: str) -> None:
        words = {
            Order.MUTE: lambda: f"mute {member.handle}",
            Order.UNMUTE: lambda: f"unmute {member.handle}",
            Order.DROP: lambda: f"kick {member.handle}",
            Order.MUTE_OTHERS: lambda: "mute non_moderator",
            Order.LOCK: lambda: "lock",
            Order.UNLOCK: lambda: "unlock",
            Order.RECORD: lambda: f"record {path}",
            Order.STOP_RECORDING: lambda: "norecord all",
        }
        await self._order(call, words[order]())

    async def dial(self, call: Call, number: str, trunk: str, caller_id: str) -> None:
        await self._order(call, f"bgdial sofia/gateway/{trunk}/{number} {caller_id}".rstrip())

    async def _order(self, call: Call, words: str) -> None:
        said = (await self.socket.api(f"conference {checked(ROOM, call.room)} {words}")).strip()
        if said.startswith("Non-Existant ID"):
            raise MemberGone(words)
        if said.startswith(("-ERR", "-USAGE")) or said.endswith("not found"):
            raise OrderRefused(said)

    async def _listed(self, command: str) -> list[dict[str, Any]]:
        said = (await self.socket.api(command)).strip()
        if not said or said.startswith("No active conferences") or "not found" in said[:100]:
            return []
        try:
            listed = json.loads(said)
        except ValueError as error:
            raise BridgeUnreachable(f"its list cannot be read: {said[:100]!r}") from error
        return [each for each in (listed if isinstance(listed, list) else [listed]) if each]


def _call(listed: dict[str, Any]) -> Call:
    """Read one conference of json_list. Raises BridgeUnreachable."""
    try:
        members = [_member(each) for each in listed.get("members", []) if _is_caller(each)]
        return Call(
            room=str(listed["conference_name"]),
            uuid=str(listed.get("conference_uuid", "")),
            members=members,
            is_locked=bool(listed.get("locked")),
            is_recording=bool(listed.get("recording")) or any(map(_records, listed["members"])),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BridgeUnreachable(f"its list cannot be read: {error!r}") from error


def _is_caller(listed: dict[str, Any]) -> bool:
    return listed.get("type", "caller") == "caller"


def _records(listed: dict[str, Any]) -> bool:
    return listed.get("type") == "recording_node"


def _member(listed: dict[str, Any]) -> Member:
    flags = listed.get("flags", {})
    return Member(
        id=channel_id(str(listed["uuid"])),
        handle=str(int(listed["id"])),
        name=str(listed.get("caller_id_name") or ""),
        number=str(listed.get("caller_id_number") or ""),
        is_moderator=bool(flags.get("is_moderator")),
        is_muted=not flags.get("can_speak", True),
        is_talking=bool(flags.get("talking")),
        seconds=int(listed.get("join_time") or 0),
    )


def _as_utf8(said: bytes) -> bytes:
    return said.decode("utf-8", "replace").encode()
