"""Asterisk's channel events: what a captured log makes, and what damaged or late events do."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from conferences.models import CallFile, Channel, ChannelEvent, Leg, QuarantinedRecord, Session
from conferences.records import cel
from conferences.records.leg import Unreadable
from conferences.records.origin import Origin
from conferences.records.raw import raw_record
from conferences.services.call_files import SETTLED_AFTER, assemble_legs, take_in_files
from tests import make

CAPTURED = Path(__file__).parent / "captured" / "cel.jsonl"
LINES = CAPTURED.read_text().splitlines()
NOW = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)
ASTERISK = Origin(bridge="asterisk1")
#: The log of one caller alone: came, was asked, entered, was kicked.
KICKED = [line for line in LINES if '"uniqueid":"1795367431.17"' in line]


@pytest.fixture
def line(account):
    make.dial_in_number(number="30125")
    return make.conference(account=account, number="30125")


@pytest.fixture
def log(tmp_path):
    def write(*lines, name="cel.jsonl"):
        path = tmp_path / name
        path.write_text("".join(line + "\n" for line in lines))
        return path

    return write


def take_in(*paths, now=NOW, settled_after=dt.timedelta(0)):
    counts = take_in_files(paths, now=now, origin=ASTERISK)
    assemble_legs(now=now, settled_after=settled_after)
    return counts


def changed(text, **told):
    return json.dumps({**json.loads(text), **told})


def of_kind(kind, lines=KICKED):
    [found] = [line for line in lines if json.loads(line)["eventtype"] == kind]
    return found


def said(name, words):
    """An event of the dialplan's own."""
    extra = json.dumps({"extra": words})
    return changed(of_kind("pin"), eventtype=name, userdeftype=name, eventextra=extra)


def without(*kinds, lines=KICKED):
    return [line for line in lines if json.loads(line)["eventtype"] not in kinds]


def legs():
    return [
        (leg.caller_name, leg.caller_number, str(leg.left_at - leg.joined_at), leg.left_because)
        for leg in Leg.objects.all()
    ]


def test_the_captured_log_makes_the_legs_that_were_really_held(line):
    counts = take_in(CAPTURED)

    assert (counts.accepted, counts.duplicates, counts.quarantined) == (84, 0, 0)
    assert legs() == [
        ("Guest Renée", "12125550123", "0:01:09.501337", "hung_up"),
        ("Host Ann", "13125550100", "0:00:39.499984", "hung_up"),
        ("Guest <ext 5> & Co", "442071234567", "0:00:19.501397", "hung_up"),
        ("Guest Kick", "12025550199", "0:00:08.497262", "removed"),
    ]
    [held] = Session.objects.all()
    assert (held.bridge, held.external_id) == ("asterisk1", "21c7d187-d51b-487a-88c7-7bb724bd512c")
    assert held.conference == line
    assert QuarantinedRecord.objects.count() == 0


def test_a_log_that_comes_again_is_all_duplicates(line):
    take_in(CAPTURED)

    counts = take_in(CAPTURED)

    assert (counts.accepted, counts.duplicates, counts.quarantined) == (0, 84, 0)
    assert (Leg.objects.count(), CallFile.objects.count()) == (4, 3)
    assert not Channel.objects.waiting().exists()


def test_a_log_without_its_bridge_is_refused_whole(line):
    counts = take_in_files([CAPTURED], now=NOW)

    assert (counts.records, counts.quarantined) == (1, 1)
    assert "--bridge" in QuarantinedRecord.objects.get().detail


def test_a_call_waits_until_its_events_have_settled(line, log):
    take_in(log(*KICKED), settled_after=SETTLED_AFTER)
    assert Leg.objects.count() == 0

    assemble_legs(now=NOW + SETTLED_AFTER)

    assert Leg.objects.count() == 1


def test_a_call_waits_for_its_end_and_is_quarantined_where_none_ever_comes(line, log):
    take_in(log(*without("BRIDGE_EXIT", "HANGUP", "CHAN_END")))
    assert QuarantinedRecord.objects.count() == 0

    assemble_legs(now=NOW + dt.timedelta(hours=25))

    assert [record.reason for record in QuarantinedRecord.objects.all()] == ["no_end"]


def test_a_call_without_its_leaving_is_mended_when_that_comes(line, log):
    take_in(log(*without("BRIDGE_EXIT")))
    [kept] = QuarantinedRecord.objects.waiting()
    assert (kept.reason, Leg.objects.count()) == ("no_end", 0)

    take_in(log(of_kind("BRIDGE_EXIT")))

    assert (QuarantinedRecord.objects.waiting().count(), Leg.objects.count()) == (0, 1)


def test_a_call_without_its_entering_is_mended_when_that_comes(line, log):
    take_in(log(*without("BRIDGE_ENTER")))
    [kept] = QuarantinedRecord.objects.waiting()
    assert kept.detail.startswith("joined_at is not a time")

    take_in(log(of_kind("BRIDGE_ENTER")))

    assert (QuarantinedRecord.objects.waiting().count(), Leg.objects.count()) == (0, 1)


def test_a_late_event_that_changes_nothing_makes_a_duplicate(line, log):
    take_in(log(*without("ANSWER")))

    take_in(log(of_kind("ANSWER")))

    assert (Leg.objects.count(), QuarantinedRecord.objects.count()) == (1, 0)
    assert [file.duplicates for file in CallFile.objects.filter(name__startswith="assem")] == [1, 0]


def test_a_late_event_that_would_change_a_leg_is_a_conflict(line, log):
    take_in(log(*without("left")))

    take_in(log(of_kind("left")))

    assert [record.reason for record in QuarantinedRecord.objects.waiting()] == ["conflict"]
    assert [because for *_, because in legs()] == [""]


def test_the_dialplan_s_own_events_tell_what_asterisk_does_not(line, log):
    pin = make.pin(conference=line)
    make.dial_in_number(number="18005550100")
    told = {"pin": str(pin.pk), "dialled": "18005550100", "code": "R-7", "role": "moderator"}
    own = [said(name, words) for name, words in told.items()]

    take_in(log(*without("pin"), *own))

    leg = Leg.objects.get()
    assert (leg.pin, leg.dialled_number, leg.is_moderator) == (pin, "18005550100", True)
    assert leg.session.keyed_code == "R-7"
    assert f",{leg.external_id}," in raw_record(leg)


@pytest.mark.parametrize(
    ("words", "number"),
    [("12125550999", "12125550999"), ("", "12025550199"), ("30125", "12025550199")],
)
def test_a_participant_whom_the_bridge_called_is_an_out_dial(line, log, words, number):
    """Where the dialplan tells no number, or the room's, the channel's own is whom it called."""
    take_in(log(*KICKED, said("outdial", words)))

    leg = Leg.objects.get()
    told = (leg.access_type, leg.caller_number, leg.dialled_number)
    assert told == ("out_dial", number, "")


def test_a_caller_who_leaves_and_joins_again_has_two_legs(line, log):
    moved = [
        changed(text, eventtime=f"{1795367450 + place}.000000", eventextra=extra)
        for place, (text, extra) in enumerate(
            [
                (of_kind(kind), json.loads(of_kind(kind))["eventextra"])
                for kind in ("APP_START", "BRIDGE_ENTER", "BRIDGE_EXIT", "HANGUP", "CHAN_END")
            ]
        )
    ]

    take_in(log(*without("HANGUP", "CHAN_END", "left"), *moved))

    assert [seconds for _, _, seconds, _ in legs()] == ["0:00:08.497262", "0:00:01"]
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("result", "cause", "because"),
    [
        ("ENDMARKED", 16, "conference_ended"),
        ("TIMEOUT", 16, "bridge_ended"),
        ("HANGUP", 38, "failure"),
        ("DTMF", 16, "hung_up"),
        ("SOMETHING", 16, ""),
    ],
)
def test_why_somebody_left(line, log, result, cause, because):
    left = changed(of_kind("left"), eventextra={"extra": result})
    hangup = changed(of_kind("HANGUP"), eventextra={"hangupcause": cause})

    take_in(log(*without("left", "HANGUP"), left, hangup))

    assert [because for *_, because in legs()] == [because]


def test_the_names_of_the_sample_configuration_are_read_too(log):
    told = {
        "EventType": "BRIDGE_ENTER", "EventTime": "1788271320.104233", "CIDName": "Renee",
        "CIDNum": "12125550123", "Exten": "30125", "ChanName": "PJSIP/trunk-00000012",
        "AppName": "ConfBridge", "AppData": "30125,,,", "UniqueID": "1788271290.18",
        "LinkedID": "1788271290.18", "UserField": "pin:7f3a",
        "Extra": '{"bridge_id":"4f0c","bridge_technology":"softmix"}',
    }  # fmt: skip

    [event] = cel.read(log(json.dumps(told)))

    assert (event.kind, event.caller_number, event.mixer) == ("BRIDGE_ENTER", "12125550123", "4f0c")
    assert event.at.isoformat() == "2026-09-01T14:02:00.104233+00:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON object"),
        ("[" * 60_000, "no JSON object"),
        ('["CHAN_START"]', "no JSON object"),
        (changed(KICKED[0], eventtime="2026-11-22 18:00:00"), "dateformat"),
        (changed(KICKED[0], eventtype="pin", eventenum="", userdeftype=""), "no event"),
        (changed(KICKED[0], uniqueid=""), "no uniqueid"),
        (changed(KICKED[0], uniqueid="1\u0000"), "control character"),
        (changed(KICKED[0], uniqueid=["1"]), "not a text"),
        (changed(KICKED[0], exten="3" * 81), "longer than 80"),
        (changed(KICKED[0], eventtype="BRIDGE_ENTER", eventenum="BRIDGE_ENTER"), "bridge_id"),
        (changed(KICKED[0], eventextra=[1]), "not a text"),
        (changed(KICKED[0], eventextra=True), "no JSON object"),
        ("{" + " " * 70_000, "longer than 65536 bytes"),
    ],
)
def test_a_line_that_is_no_event_says_why_and_holds_up_no_other(log, text, words):
    bad, good = cel.read(log(text, KICKED[0]))

    assert isinstance(bad, Unreadable)
    assert words in bad.detail
    assert (bad.position, good.position) == (1, 2)


def test_lines_that_cannot_be_read_are_kept_once(line, log):
    counts = take_in(log("{", KICKED[0], "{", "", "no"))
    take_in(log("{"))

    assert (counts.accepted, counts.duplicates, counts.quarantined) == (1, 0, 3)
    kept = QuarantinedRecord.objects.order_by("position")
    assert [(record.position, record.raw) for record in kept] == [(1, "{"), (5, "no")]


def test_an_event_never_changes(line, log):
    take_in(log(KICKED[0]))

    with pytest.raises(DatabaseError), transaction.atomic():
        ChannelEvent.objects.update(extension="30126")
