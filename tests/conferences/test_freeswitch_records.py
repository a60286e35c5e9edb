"""Reading FreeSWITCH's conference CDRs: what is read, and what is refused as a whole."""

import datetime as dt
from pathlib import Path

import pytest

from conferences.records import formats, freeswitch
from conferences.records.leg import LeftBecause, LegRecord, Reason
from tests.conferences.freeswitch_writer import Caller, Recording, Rejected, conference_cdr

FIXTURES = Path(__file__).parent / "fixtures"
SESSION = "5f2d1a52-1f7c-4a7e-9d0b-2f9c6b1f0e11"
CHANNEL = "0b5f6c1e-8f0a-4b52-9a53-6f0d3c1f2a0{}"
T0 = 1788271200  # 2026-09-01 14:00 UTC
FORGED = (
    '<!----></caller_id_name></caller_profile></member><member type="caller">'
    f'<join_time type="UNIX-epoch">{T0}</join_time><leave_time type="UNIX-epoch">{T0 + 36000}'
    "</leave_time><caller_profile><uuid>ffffffff-0000-4000-8000-000000000000</uuid>"
    "<caller_id_name>forged"
)


def caller(**fields):
    defaults = {
        "joined": T0 + 1,
        "left": T0 + 60,
        "name": "Renée",
        "number": "12125550123",
        "uuid": CHANNEL.format(5),
    }
    return Caller(**{**defaults, **fields})


def usual_conference():
    li = {"name": "Li & Sons", "number": "14045550199", "uuid": CHANNEL.format(1)}
    members = [
        caller(joined=T0 + 600, left=T0 + 1810, **li),
        caller(joined=T0 + 120, left=T0 + 1200, uuid=CHANNEL.format(2), was_kicked=True),
        caller(joined=T0 + 60, left=T0 + 420, **li),
        Recording(T0 + 10, T0 + 1810, "/var/lib/freeswitch/recordings/30125.wav"),
        caller(
            joined=T0 + 5,
            left=T0 + 1808,
            name="Moderator",
            number="12025550111",
            uuid=CHANNEL.format(0),
            is_moderator=True,
        ),
    ]
    rejected = [
        Rejected("conference_locked", T0 + 1300, "Late", "13125550144", CHANNEL.format(4)),
        Rejected("invalid_pin", T0 + 90, "", "Anonymous", CHANNEL.format(3)),
    ]
    return conference_cdr(
        number="30125", started=T0 + 5, ended=T0 + 1810, members=members, rejected=rejected
    )


def of_one(member, *, number="30126", ended=T0 + 60, **fields):
    return conference_cdr(number=number, started=T0, ended=ended, members=[member], **fields)


def read(folder, content, name=f"{SESSION}.cdr.xml"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    parsed = formats.read(path)
    return parsed, list(parsed.records)


def test_the_fixtures_are_what_the_switch_writes():
    hostile = of_one(caller(name="<!----></caller_id_name><x>", number="19005550166"))
    forged = of_one(caller(name=FORGED, number="19005550166"), number="30127")

    assert usual_conference() == (FIXTURES / f"{SESSION}.cdr.xml").read_text()
    assert hostile == (FIXTURES / "hostile-7a1e.cdr.xml").read_text()
    assert forged == (FIXTURES / "hostile-forged-leg-7a1f.cdr.xml").read_text()


def test_a_conference_is_read_with_its_re_joins_recording_and_rejected_attempts():
    parsed = freeswitch.read(FIXTURES / f"{SESSION}.cdr.xml")

    legs = list(parsed.records)
    assert [leg.caller_name for leg in legs] == ["Li & Sons", "Renée", "Li & Sons", "Moderator"]
    assert [leg.position for leg in legs] == [1, 2, 3, 4]
    assert [leg.external_id for leg in legs] == [
        f"{SESSION}/{CHANNEL.format(1)}/{T0 + 600}",
        f"{SESSION}/{CHANNEL.format(2)}/{T0 + 120}",
        f"{SESSION}/{CHANNEL.format(1)}/{T0 + 60}",
        f"{SESSION}/{CHANNEL.format(0)}/{T0 + 5}",
    ]
    assert parsed.recording_nodes == 1
    assert [(r.reason, r.caller_number) for r in parsed.rejected_attempts] == [
        ("conference_locked", "13125550144"),
        ("invalid_pin", "Anonymous"),
    ]


def test_a_leg_has_everything_the_file_tells():
    leg = list(freeswitch.read(FIXTURES / f"{SESSION}.cdr.xml").records)[1]

    assert leg == LegRecord(
        bridge="bridge1",
        external_id=f"{SESSION}/{CHANNEL.format(2)}/{T0 + 120}",
        session_external_id=SESSION,
        conference_number="30125",
        joined_at=dt.datetime(2026, 9, 1, 14, 2, tzinfo=dt.UTC),
        left_at=dt.datetime(2026, 9, 1, 14, 20, tzinfo=dt.UTC),
        caller_name="Renée",
        caller_number="12125550123",
        dialled_number="18005550100",
        is_outdial=False,
        is_moderator=False,
        left_because=LeftBecause.REMOVED,
        pin_reference="",
        position=2,
        raw=leg.raw,
        channel=f"bridge1/{CHANNEL.format(2)}",
    )
    assert leg.raw.startswith('<member type="caller">')
    assert leg.raw.endswith("</member>")


def test_one_leg_can_be_read_again_on_its_own(tmp_path):
    parsed, legs = read(tmp_path, usual_conference())

    _, again = read(tmp_path, parsed.head + legs[3].raw + parsed.tail)

    assert [leg.external_id for leg in again] == [legs[3].external_id]
    assert again[0].raw == legs[3].raw


def test_a_member_who_never_left_has_no_end(tmp_path):
    _, [leg] = read(tmp_path, of_one(caller(left=0)))

    assert leg.left_at is None
    assert leg.left_because == LeftBecause.UNKNOWN


def test_a_forced_end_is_why_the_last_callers_left(tmp_path):
    members = [caller(left=T0 + 59), caller(left=T0 + 30, uuid=CHANNEL.format(2))]
    content = conference_cdr(
        number="30126", started=T0, ended=T0 + 60, members=members, forced=True
    )

    _, legs = read(tmp_path, content)

    assert [leg.left_because for leg in legs] == [
        LeftBecause.CONFERENCE_ENDED,
        LeftBecause.UNKNOWN,
    ]


def test_ghosts_and_older_switches_are_read_like_others(tmp_path):
    content = of_one(caller(is_ghost=True))
    older = content.replace(
        "          <mandatory_member_end_conference>false</mandatory_member_end_conference>\n", ""
    )

    assert len(read(tmp_path, content)[1]) == 1
    assert isinstance(read(tmp_path, older)[1][0], LegRecord)


def test_a_caller_s_own_words_become_one_plain_line(tmp_path):
    _, [leg] = read(
        tmp_path, of_one(caller(name="Zo\u00eb\r\u0085 \u202eevil <b>\u4e2d\U0001f600"))
    )

    assert leg.caller_name == "Zoë    evil <b>中😀"


def test_a_name_longer_than_the_column_is_kept_aside_without_the_others(tmp_path):
    members = [caller(name="x" * 201), caller(uuid=CHANNEL.format(2))]
    content = conference_cdr(number="1", started=T0, ended=T0 + 60, members=members)

    _, [bad, good] = read(tmp_path, content)

    assert (bad.reason, bad.position) == (Reason.TOO_LONG, 1)
    assert isinstance(good, LegRecord)


@pytest.mark.parametrize("field", ["uuid", "joined"])
def test_a_member_that_nothing_knows_by_name_is_unreadable(tmp_path, field):
    _, [bad] = read(tmp_path, of_one(caller(**{field: "" if field == "uuid" else 0})))

    assert bad.reason == Reason.NO_ID


def test_a_time_beyond_any_clock_is_unreadable(tmp_path):
    _, [bad] = read(tmp_path, of_one(caller(left=10**18)))

    assert bad.reason == Reason.BAD_TIME


@pytest.mark.parametrize("name", ["hostile-7a1e.cdr.xml", "hostile-forged-leg-7a1f.cdr.xml"])
def test_a_file_into_which_a_caller_wrote_is_refused_whole(name):
    [refused] = formats.read(FIXTURES / name).records

    assert (refused.position, refused.reason) == (0, Reason.FORBIDDEN_MARKUP)
    assert refused.detail == "Line 24 holds a comment, which the switch never writes."


ENTITY = '<!DOCTYPE cdr [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/passwd">]>\n<cdr>'
FORGED_MEMBER = FORGED.removeprefix("<!---->")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Renée", "<![CDATA[x]]>", Reason.FORBIDDEN_MARKUP),
        ("Renée", "<?php x?>", Reason.FORBIDDEN_MARKUP),
        ("<cdr>", ENTITY, Reason.FORBIDDEN_MARKUP),
        ("<cdr>", "<!-- hello -->\n<cdr>", Reason.FORBIDDEN_MARKUP),
        ("Renée", "&a;", Reason.NOT_WELL_FORMED),
        ("Renée", "&#x1;", Reason.NOT_WELL_FORMED),
        ("Renée", "\x01", Reason.NOT_WELL_FORMED),
        ("</cdr>\n", "", Reason.UNFINISHED),
        ("</caller_id_name>", "</caller_id_nam", Reason.NOT_WELL_FORMED),
        ('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>', Reason.NOT_AS_WRITTEN),
        ('<?xml version="1.0"?>\n', "", Reason.NOT_AS_WRITTEN),
        ("\n", "\r\n", Reason.NOT_AS_WRITTEN),
        ("Renée", FORGED_MEMBER, Reason.NOT_AS_WRITTEN),
        ("Renée", "x</caller_id_name> <ani>1</ani> <caller_id_name>", Reason.NOT_AS_WRITTEN),
        ("<aniii></aniii>", "<aniii/>", Reason.NOT_AS_WRITTEN),
        ("          <ani>", "         <ani>", Reason.NOT_AS_WRITTEN),
        ("        <flags>", "        hello\n        <flags>", Reason.NOT_AS_WRITTEN),
        ("          <rdnis></rdnis>\n", "", Reason.NOT_AS_WRITTEN),
        ("<rdnis></rdnis>", "<redirect></redirect>", Reason.NOT_AS_WRITTEN),
        (">true</is_ghost>", ">maybe</is_ghost>", Reason.NOT_AS_WRITTEN),
        ('<member type="caller">', '<member type="caller" more="">', Reason.NOT_AS_WRITTEN),
        ('<member type="caller">', '<member type="ghost">', Reason.NOT_AS_WRITTEN),
        ("<rejected></rejected>", "<rejected>x</rejected>", Reason.NOT_AS_WRITTEN),
        (f">{T0 + 1}<", ">yesterday<", Reason.NOT_AS_WRITTEN),
        ("cdr>", "svg>", Reason.NOT_AS_WRITTEN),
    ],
)
def test_what_the_switch_would_not_write_is_refused_whole(tmp_path, old, new, reason):
    content = of_one(caller(is_ghost=True)).replace("Ren&#xE9;e", "Renée")
    assert old in content

    _, records = read(tmp_path, content.replace(old, new))

    assert [(r.position, r.reason) for r in records] == [(0, reason)]


def test_two_profiles_in_one_member_are_refused(tmp_path):
    lines = of_one(caller()).splitlines(keepends=True)
    start, end = (
        lines.index("        <caller_profile>\n"),
        lines.index("        </caller_profile>\n"),
    )

    _, [refused] = read(tmp_path, "".join([*lines[: end + 1], *lines[start:]]))

    assert refused.reason == Reason.NOT_AS_WRITTEN


def test_a_profile_s_own_variables_are_read_over_but_not_a_second_uuid(tmp_path):
    content = of_one(caller())
    place = "        </caller_profile>\n"
    extra = f"          <my_tag>1</my_tag>\n{place}"
    second = f"          <uuid>{CHANNEL.format(9)}</uuid>\n{place}"

    assert len(read(tmp_path, content.replace(place, extra))[1]) == 1
    assert read(tmp_path, content.replace(place, second))[1][0].reason == Reason.NOT_AS_WRITTEN


@pytest.mark.parametrize("name", ["conference.cdr.xml", f"{SESSION}_{SESSION}.cdr.xml"])
def test_the_conference_s_id_must_be_in_the_file_s_name(tmp_path, name):
    _, [refused] = read(tmp_path, of_one(caller()), name)

    assert (refused.position, refused.reason) == (0, Reason.NO_SESSION_ID)


def test_a_file_larger_than_any_conference_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(freeswitch, "LARGEST_BYTES", 100)
    monkeypatch.setattr("conferences.records.switch_xml.LARGEST_BYTES", 100)

    _, [refused] = read(tmp_path, of_one(caller()))

    assert refused.reason == Reason.TOO_LARGE


@pytest.mark.parametrize("content", ["", "{}", "hello"])
def test_what_no_reader_is_for_says_so(tmp_path, content):
    _, [refused] = read(tmp_path, content, "x.json")

    assert refused.reason == Reason.UNKNOWN_FORMAT
