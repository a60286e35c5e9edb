"""FreeSWITCH's event socket, as far as the control of conferences needs it.

mod_event_socket: blocks of headers, each ended by an empty line, some with a body of the length
that they give. Command words and answers are mod_conference's (conference_api.c).
"""

from __future__ import annotations

import json

from accuconf.sandbox.bridge.switch import Caller, Room
from accuconf.sandbox.bridge.talking import Talk


class EventSocketHandler(Talk):
    """One connection to the event socket."""

    def talk(self) -> None:
        self.answer("", "Content-Type: auth/request\n\n")
        while command := self._command():
            if command.startswith("auth "):
                if not self._let_in(command.removeprefix("auth ")):
                    return
            elif command == "exit":
                return
            else:
                self.switch.heard.append(command)
                self._api(command, command.removeprefix("api "))

    def _command(self) -> str:
        """Return the next command; empty where the other end has hung up."""
        lines = []
        while line := self.rfile.readline().decode():
            if not line.strip():
                return "\n".join(lines)
            lines.append(line.strip())
        return ""

    def _let_in(self, password: str) -> bool:
        is_right = password == self.switch.password
        said = "+OK accepted" if is_right else "-ERR invalid"
        self.answer("auth", f"Content-Type: command/reply\nReply-Text: {said}\n\n")
        if not is_right:
            bye = "Disconnected, goodbye.\n"
            notice = f"Content-Type: text/disconnect-notice\nContent-Length: {len(bye)}\n\n{bye}"
            self.answer("auth", notice)
        return is_right

    def _api(self, command: str, words: str) -> None:
        with self.switch.lock:
            body = self._conference(words.split()[1:])
        length = len(body.encode("utf-8", "surrogateescape"))
        self.answer(command, f"Content-Type: api/response\nContent-Length: {length}\n\n{body}")

    def _conference(self, words: list[str]) -> str:
        if words == ["json_list"]:
            listed = [as_json(room) for room in self.switch.busy()]
            return json.dumps(listed, ensure_ascii=False) if listed else "No active conferences.\n"
        number, verb, *arguments = words
        room = self.switch.room(number)
        if room is None:
            return f"-ERR Conference {number} not found\n"
        return ANSWERS[verb](self.switch, room, *arguments)


def list_as_json(switch, room):
    return json.dumps([as_json(room)], ensure_ascii=False)


def mute(switch, room, whom):
    return _each(room, whom, "mute", lambda caller: setattr(caller, "is_muted", True))


def unmute(switch, room, whom):
    return _each(room, whom, "unmute", lambda caller: setattr(caller, "is_muted", False))


def kick(switch, room, whom):
    return _each(room, whom, "kicked", room.callers.remove)


def lock(switch, room):
    room.is_locked = True
    return f"OK {room.number} locked\n"


def unlock(switch, room):
    room.is_locked = False
    return f"OK {room.number} unlocked\n"


def record(switch, room, path):
    room.recording = path
    return f"Record file {path}\n"


def norecord(switch, room, which):
    room.recording = ""
    return "+OK Stopped recording 1 files\n"


def bgdial(switch, room, endpoint, *caller_id):
    switch.dial(room, endpoint.rpartition("/")[2])
    return "OK Job-UUID: 7f4de4bc-17d7-11dd-b7a0-db4edd065621\n"


ANSWERS = {
    "json_list": list_as_json,
    "mute": mute,
    "unmute": unmute,
    "kick": kick,
    "lock": lock,
    "unlock": unlock,
    "record": record,
    "norecord": norecord,
    "bgdial": bgdial,
}


def as_json(room: Room) -> dict:
    """Write a room as json_list does."""
    members = [_member(caller, room) for caller in room.callers]
    if room.recording:
        members.append({"type": "recording_node", "record_path": room.recording, "status": 0})
    return {
        "conference_name": room.number,
        "member_count": len(room.callers),
        "conference_uuid": room.uuid,
        "run_time": max((caller.seconds for caller in room.callers), default=0),
        "locked": room.is_locked,
        "recording": bool(room.recording),
        "members": members,
    }


def _member(caller: Caller, room: Room) -> dict:
    return {
        "type": "caller",
        "id": caller.id,
        "flags": {
            "can_hear": True,
            "can_speak": not caller.is_muted,
            "talking": caller is room.talking(),
            "is_moderator": caller.is_moderator,
        },
        "uuid": caller.uuid,
        "caller_id_name": caller.name,
        "caller_id_number": caller.number,
        "join_time": caller.seconds,
    }


def _each(room, whom, word, change):
    """Change the caller of that id, or all who are no moderators; say so as FreeSWITCH does."""
    meant = [
        caller
        for caller in list(room.callers)
        if whom == str(caller.id) or (whom == "non_moderator" and not caller.is_moderator)
    ]
    if not meant and whom.isdigit():
        return f"Non-Existant ID {whom}\n"
    for caller in meant:
        change(caller)
    return "".join(f"OK {word} {caller.id}\n" for caller in meant) or "OK\n"
