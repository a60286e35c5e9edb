"""What the sandbox's bridge holds: rooms, and the callers in them."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from dataclasses import dataclass, field

_serial = itertools.count(1)
#: Callers take turns to talk, each so many seconds.
TURN_SECONDS = 7


@dataclass
class Caller:
    """One caller. Names and numbers are whatever the telephone says."""

    name: str
    number: str
    is_moderator: bool = False
    is_muted: bool = False
    joined_at: float = field(default_factory=time.time)
    id: int = field(default_factory=lambda: next(_serial))
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def seconds(self) -> int:
        return int(time.time() - self.joined_at)

    @property
    def channel(self) -> str:
        return f"PJSIP/trunk-{self.id:08x}"

    @property
    def unique_id(self) -> str:
        return f"{int(self.joined_at)}.{self.id}"


@dataclass
class Room:
    """One call."""

    number: str
    callers: list[Caller] = field(default_factory=list)
    is_locked: bool = False
    recording: str = ""
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))

    def talking(self) -> Caller | None:
        """Return whose turn it is to talk: never somebody's who is muted."""
        heard = [caller for caller in self.callers if not caller.is_muted]
        return heard[int(time.time() / TURN_SECONDS) % len(heard)] if heard else None


@dataclass
class Switch:
    """A bridge with its rooms; `password` lets its control in. Use it under `lock`.

    `silent_at` and `cut_at` are words: a command that holds one gets no answer, or half of one
    before the line is cut. `heard` are all commands but the password.
    """

    rooms: dict[str, Room] = field(default_factory=dict)
    user: str = "portal"
    password: str = "ClueCon"
    silent_at: str = ""
    cut_at: str = ""
    heard: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def open(self, number: str, *callers: Caller) -> Room:
        """Let `callers` meet in the room of that number, and return it."""
        self.rooms[number] = Room(number, list(callers))
        return self.rooms[number]

    def room(self, number: str) -> Room | None:
        """Return the room if anybody is on."""
        room = self.rooms.get(number)
        return room if room and room.callers else None

    def busy(self) -> list[Room]:
        """List the rooms in which anybody is."""
        return [room for room in self.rooms.values() if room.callers]

    def dial(self, room: Room, number: str) -> None:
        """Let somebody at `number` pick up at once."""
        room.callers.append(Caller(name=number, number=number.lstrip("+")))
