"""Asterisk's manager interface (AMI), as far as the control of ConfBridge needs it.

The words are those that a running Asterisk was heard to say.
"""

from __future__ import annotations

from accuconf.sandbox.bridge.switch import Caller, Room
from accuconf.sandbox.bridge.talking import Talk

BANNER = "Asterisk Call Manager/13.0.0\r\n"
NO_CONFERENCE = "No Conference by that name found."


class ManagerHandler(Talk):
    """One connection to the manager interface."""

    def talk(self) -> None:
        self.answer("", BANNER)
        while action := self._action():
            name = action["Action"]
            if name == "Login":
                if not self._let_in(action):
                    return
                continue
            self.switch.heard.append(" ".join(f"{key}: {action[key]}" for key in sorted(action)))
            with self.switch.lock:
                messages = ANSWERS[name](self.switch, action)
            said = "".join(_written({**each, **_id_of(action)}) for each in messages)
            self.answer(name, said)

    def _action(self) -> dict[str, str]:
        """Return the next action; empty where the other end has hung up."""
        action: dict[str, str] = {}
        while line := self.rfile.readline().decode():
            if not line.strip():
                return action
            key, _, value = line.strip().partition(": ")
            action[key] = value
        return {}

    def _let_in(self, action: dict[str, str]) -> bool:
        given = action.get("Username"), action.get("Secret")
        is_right = given == (self.switch.user, self.switch.password)
        said = "Authentication accepted" if is_right else "Authentication failed"
        verdict = {"Response": "Success" if is_right else "Error", "Message": said}
        self.answer("Login", _written({**verdict, **_id_of(action)}))
        if is_right:
            self.answer("", _written({"Event": "FullyBooted", "Status": "Fully Booted"}))
        return is_right


def list_callers(switch, action):
    room = switch.room(action["Conference"])
    if room is None:
        return [_error("No active conferences." if not switch.busy() else NO_CONFERENCE)]
    return _as_list("ConfbridgeList", [_member(room, caller) for caller in room.callers])


def list_rooms(switch, action):
    if not switch.busy():
        return [_error("No active conferences.")]
    rooms = [
        {
            "Conference": room.number,
            "Parties": len(room.callers),
            "Marked": sum(caller.is_moderator for caller in room.callers),
            "Locked": _yes(room.is_locked),
            "Muted": "No",
        }
        for room in switch.busy()
    ]
    return _as_list("ConfbridgeListRooms", rooms)


def on_callers(said, change):
    """Make an action that changes the callers whom its Channel means."""

    def act(switch, action):
        room = switch.room(action["Conference"])
        if room is None:
            return [_error(NO_CONFERENCE)]
        channel = action["Channel"]
        meant = [
            caller
            for caller in list(room.callers)
            if caller.channel == channel or (channel == "participants" and not caller.is_moderator)
        ]
        if not meant:
            return [_error("No Channel by that name found in Conference.")]
        for caller in meant:
            change(room, caller)
        return [_success(said)]

    return act


def on_room(said, change):
    """Make an action that changes the room."""

    def act(switch, action):
        room = switch.room(action["Conference"])
        if room is None:
            return [_error(NO_CONFERENCE)]
        change(room, action)
        return [_success(said)]

    return act


def originate(switch, action):
    room = switch.room(action["Exten"])
    if room is not None:
        switch.dial(room, action["Channel"].removeprefix("PJSIP/").partition("@")[0])
    return [_success("Originate successfully queued")]


def start_recording(switch, action):
    room = switch.room(action["Conference"])
    if room is not None and room.recording:
        return [_error("Conference is already being recorded.")]
    return on_room("Conference Recording Started.", _record)(switch, action)


def _record(room, action):
    room.recording = action["RecordFile"]


ANSWERS = {
    "ConfbridgeList": list_callers,
    "ConfbridgeListRooms": list_rooms,
    "ConfbridgeMute": on_callers("User muted", lambda room, who: setattr(who, "is_muted", True)),
    "ConfbridgeUnmute": on_callers(
        "User unmuted", lambda room, who: setattr(who, "is_muted", False)
    ),
    "ConfbridgeKick": on_callers("User kicked", lambda room, who: room.callers.remove(who)),
    "ConfbridgeLock": on_room(
        "Conference locked", lambda room, action: setattr(room, "is_locked", True)
    ),
    "ConfbridgeUnlock": on_room(
        "Conference unlocked", lambda room, action: setattr(room, "is_locked", False)
    ),
    "ConfbridgeStartRecord": start_recording,
    "ConfbridgeStopRecord": on_room(
        "Conference Recording Stopped.", lambda room, action: setattr(room, "recording", "")
    ),
    "Originate": originate,
}


def _member(room: Room, caller: Caller) -> dict:
    return {
        "Conference": room.number,
        "Admin": _yes(caller.is_moderator),
        "MarkedUser": _yes(caller.is_moderator),
        "WaitMarked": _yes(not caller.is_moderator),
        "EndMarked": "No",
        "Waiting": "No",
        "Muted": _yes(caller.is_muted),
        "Talking": _yes(caller is room.talking()),
        "AnsweredTime": caller.seconds,
        "Channel": caller.channel,
        "ChannelStateDesc": "Up",
        "CallerIDNum": caller.number,
        "CallerIDName": caller.name,
        "Uniqueid": caller.unique_id,
    }


def _as_list(event, items):
    return [
        {"Response": "Success", "EventList": "start", "Message": f"{event} will follow"},
        *({"Event": event, **item} for item in items),
        {"Event": f"{event}Complete", "EventList": "Complete", "ListItems": len(items)},
    ]


def _success(said):
    return {"Response": "Success", "Message": said}


def _error(said):
    return {"Response": "Error", "Message": said}


def _id_of(action):
    return {"ActionID": action["ActionID"]} if "ActionID" in action else {}


def _yes(is_so):
    return "Yes" if is_so else "No"


def _written(message):
    lines = "".join(f"{key}: {value}\r\n" for key, value in message.items())
    return f"{lines}\r\n"
