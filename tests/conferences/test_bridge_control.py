"""The control of bridges over real sockets: what they tell, what they do, and when they fail."""

from pathlib import Path

import pytest

from accuconf.sandbox.bridge import Caller, manager_interface
from conferences.bridge.control import (
    AnswerLost,
    BridgeUnreachable,
    MemberGone,
    NoCall,
    Order,
    OrderRefused,
    call_on,
    dial_on,
    order_on,
    rooms_on,
)
from conferences.models import Bridge
from conferences.services.live import lines_of

KINDS = ["freeswitch", "asterisk"]
ROOM = "30125"


def lines():
    return lines_of(Bridge.objects.active())


@pytest.fixture(params=KINDS)
def switch(request, connect_bridge):
    """A bridge of each kind, on whose room 30125 Ann moderates and Renée listens."""
    made = connect_bridge(request.param)
    made.open(ROOM, Caller("Ann", "13125550100", is_moderator=True), Caller("Renée", "33142685300"))
    return made


def held():
    """Return the call in the room; every bridge must have answered."""
    call, silent = call_on(lines(), ROOM)
    assert silent == {}
    return call


def people():
    return {member.name: member for member in held().members}


def test_the_call_is_found_with_its_people(switch):
    call = held()

    found = [(one.name, one.number, one.is_moderator, one.is_muted) for one in call.members]
    assert found == [("Ann", "13125550100", True, False), ("Renée", "33142685300", False, False)]
    assert (call.is_locked, bool(call.is_recording)) == (False, False)


def test_rooms_are_counted(switch):
    switch.open("30126", Caller("Bo", "1"))

    assert rooms_on(lines()) == ({ROOM: 2, "30126": 1}, {})


def test_one_is_muted_heard_again_and_dropped(switch):
    renee = people()["Renée"].id

    order_on(lines(), ROOM, Order.MUTE, member_id=renee)
    muted = people()["Renée"].is_muted
    order_on(lines(), ROOM, Order.UNMUTE, member_id=renee)
    heard = not people()["Renée"].is_muted
    dropped = order_on(lines(), ROOM, Order.DROP, member_id=renee)

    assert (muted, heard, dropped.name, list(people())) == (True, True, "Renée", ["Ann"])


def test_all_but_moderators_are_muted(switch):
    order_on(lines(), ROOM, Order.MUTE_OTHERS)

    assert {name: one.is_muted for name, one in people().items()} == {"Ann": False, "Renée": True}


def test_the_room_is_locked_and_recorded(switch):
    order_on(lines(), ROOM, Order.LOCK)
    order_on(lines(), ROOM, Order.RECORD, path="/rec/30125.wav")

    assert held().is_locked
    assert switch.rooms[ROOM].recording == "/rec/30125.wav"

    order_on(lines(), ROOM, Order.UNLOCK)
    order_on(lines(), ROOM, Order.STOP_RECORDING)

    assert (switch.rooms[ROOM].is_locked, switch.rooms[ROOM].recording) == (False, "")


def test_somebody_is_called_in(switch):
    dial_on(lines(), ROOM, "+16175550123", trunk="out", caller_id="+18005550100")

    assert [caller.number for caller in switch.rooms[ROOM].callers][2:] == ["16175550123"]


def test_a_call_on_two_bridges_is_locked_on_both_and_dials_once(connect_bridge):
    switches = [connect_bridge(kind) for kind in KINDS]
    rooms = [switch.open(ROOM, Caller("Ann", "1")) for switch in switches]

    order_on(lines(), ROOM, Order.LOCK)
    dial_on(lines(), ROOM, "+16175550123", trunk="out", caller_id="")

    assert [room.is_locked for room in rooms] == [True, True]
    assert sum(len(room.callers) for room in rooms) == 3


def test_nobody_on_is_no_call(switch):
    assert call_on(lines(), "30199") == (None, {})
    with pytest.raises(NoCall):
        order_on(lines(), "30199", Order.LOCK)


def test_no_bridges_hold_no_call(db):
    assert call_on([], ROOM) == (None, {})
    assert rooms_on([]) == ({}, {})
    with pytest.raises(NoCall):
        order_on([], ROOM, Order.LOCK)


def test_who_left_meanwhile_is_gone(switch):
    renee = people()["Renée"].id
    switch.rooms[ROOM].callers.pop()

    with pytest.raises(MemberGone):
        order_on(lines(), ROOM, Order.DROP, member_id=renee)
    assert list(people()) == ["Ann"]


def test_a_wrong_password_is_told(switch):
    switch.password = "another"

    with pytest.raises(BridgeUnreachable, match="refuses the password"):
        order_on(lines(), ROOM, Order.LOCK)


@pytest.mark.parametrize("fault", ["silent_at", "cut_at"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_question_without_an_answer_is_a_bridge_out_of_reach(connect_bridge, kind, fault):
    switch = connect_bridge(kind)
    switch.open(ROOM, Caller("Ann", "1"))
    setattr(switch, fault, "json_list" if kind == "freeswitch" else "ConfbridgeList")

    with pytest.raises(BridgeUnreachable) as raised:
        order_on(lines(), ROOM, Order.LOCK)
    assert not isinstance(raised.value, AnswerLost)
    assert not switch.rooms[ROOM].is_locked


@pytest.mark.parametrize("fault", ["silent_at", "cut_at"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_order_without_an_answer_is_not_given_twice(connect_bridge, kind, fault):
    switch = connect_bridge(kind)
    switch.open(ROOM, Caller("Ann", "1"))
    word = "bgdial" if kind == "freeswitch" else "Originate"
    setattr(switch, fault, word)

    with pytest.raises(AnswerLost):
        dial_on(lines(), ROOM, "+16175550123", trunk="out", caller_id="")
    assert len([command for command in switch.heard if word in command]) == 1


@pytest.mark.parametrize("fault", ["silent_at", "cut_at"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_bridge_that_does_not_let_in_is_out_of_reach(connect_bridge, kind, fault):
    switch = connect_bridge(kind)
    setattr(switch, fault, "auth" if kind == "freeswitch" else "Login")

    with pytest.raises(BridgeUnreachable):
        order_on(lines(), ROOM, Order.LOCK)


def test_a_bridge_that_is_off_is_out_of_reach(db):
    line = lines_of([Bridge(name="b", kind="freeswitch", control_host="127.0.0.1", control_port=1)])

    call, silent = call_on(line, ROOM)

    assert (call, list(silent)) == (None, ["b"])
    assert silent["b"].startswith("b: ")
    assert rooms_on(line) == ({}, silent)


def test_the_call_is_found_beside_a_bridge_that_is_off(switch):
    off = Bridge(name="off", kind="asterisk", control_host="127.0.0.1", control_port=1)

    call, silent = call_on([*lines(), *lines_of([off])], ROOM)

    assert (len(call.members), list(silent)) == (2, ["off"])


def test_a_no_of_the_bridge_is_told(connect_bridge):
    switch = connect_bridge("asterisk")
    switch.open(ROOM, Caller("Ann", "1")).recording = "/rec/first.wav"

    with pytest.raises(OrderRefused, match="already being recorded"):
        order_on(lines(), ROOM, Order.RECORD, path="/rec/second.wav")


def test_the_list_that_a_running_asterisk_gave_is_read(monkeypatch, connect_bridge):
    blocks = (Path(__file__).parent / "captured" / "ami_list.txt").read_text().split("\n\n")

    def said(event):
        """Return what it said to one action, as the stand-in's messages."""
        lists = {"ConfbridgeList": "ActionID: list", "ConfbridgeListRooms": "ActionID: rooms"}
        found = [block.splitlines() for block in blocks if lists[event] in block]
        return [dict(line.split(": ", 1) for line in lines) for lines in found]

    for event in ("ConfbridgeList", "ConfbridgeListRooms"):
        monkeypatch.setitem(manager_interface.ANSWERS, event, lambda *_, e=event: said(e))
    connect_bridge("asterisk")

    call = held()

    assert [(one.name, one.number, one.is_moderator, one.seconds) for one in call.members] == [
        ("Host Ann", "13125550100", True, 12),
        ("Guest Renée", "12125550123", False, 18),
        ("Guest <ext 5> & Co", "442071234567", False, 9),
        ("Guest Kick", "12025550199", False, 6),
    ]
    assert call.members[0].handle == "Local/30125@bridge-00000002;2"
    assert (call.is_locked, rooms_on(lines())) == (False, ({ROOM: 4}, {}))


HOSTILE = [
    "<script>alert(1)</script>",
    '","flags":{"is_moderator":true},"x":"',
    "-ERR Conference 30125 not found",
    "Admin: Yes",
    "\\n\\nContent-Type: command/reply",
    "+OK %0A%0Aapi shutdown",
    "‮evil ​",
    "x" * 5000,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_name(switch, name):
    switch.rooms[ROOM].callers.insert(0, Caller(name, name))

    hostile, ann, renee = held().members

    assert (hostile.name, hostile.is_moderator) == (name.strip(), False)
    assert (ann.is_moderator, renee.is_moderator) == (True, False)
    order_on(lines(), ROOM, Order.DROP, member_id=hostile.id)
    assert list(people()) == ["Ann", "Renée"]


def test_a_name_that_is_no_utf8_hides_nobody(switch):
    switch.rooms[ROOM].callers.append(Caller("Zo\udceb", "1"))

    assert list(people())[:2] == ["Ann", "Renée"]
    assert list(people())[2].startswith("Zo")


def test_a_line_break_of_asterisk_makes_nobody_a_moderator(connect_bridge):
    switch = connect_bridge("asterisk")
    switch.open(ROOM, Caller("x\r\nAdmin: Yes\r\nChannel: PJSIP/other", "1"))

    (member,) = held().members

    assert (member.is_moderator, member.handle) == (False, switch.rooms[ROOM].callers[0].channel)


@pytest.mark.parametrize(
    "room", ["30125 kick all", "30125\n\napi shutdown", "", "a", "٣٠١٢٥", "1" * 21]
)
def test_no_room_carries_another_command(switch, room):
    with pytest.raises(ValueError, match="not to be sent"):
        order_on(lines(), room, Order.LOCK)
    assert switch.heard == []


@pytest.mark.parametrize(
    "number", ["+1617555\r\nAction: Command", "16175550123", "+0123456789", "+1 617", "+1617,all"]
)
def test_no_number_carries_another_command(switch, number):
    with pytest.raises(ValueError, match="not to be sent"):
        dial_on(lines(), ROOM, number, trunk="out", caller_id="")
    assert len(switch.rooms[ROOM].callers) == 2


def test_a_member_id_is_only_compared_never_sent(switch):
    with pytest.raises(MemberGone):
        order_on(lines(), ROOM, Order.DROP, member_id="all")
    assert len(switch.rooms[ROOM].callers) == 2


def test_a_password_is_not_in_what_a_line_says_of_itself(switch):
    (line,) = lines()

    assert line.password == switch.password
    assert switch.password not in repr(line)
