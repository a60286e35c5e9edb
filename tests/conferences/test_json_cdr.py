"""Reading what mod_json_cdr tells of one channel, and refusing what it would not write."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conferences.records import formats, json_cdr
from conferences.records.channel import ChannelRecord, channel_key, host_of
from conferences.records.leg import LeftBecause, Reason, Unreadable
from tests.conferences.channel_reports import SESSION, T0, encoded, report
from tests.plugins.full import at_length

FIXTURE = next((Path(__file__).parent / "fixtures").glob("*.cdr.json"))
UUID = "0b5f6c1e-8f0a-4b52-9a53-6f0d3c1f2a02"


def usual(**changes):
    told = {"started": T0, "ended": T0 + 60, "number": "12125550123"}
    return report(UUID, **{**told, **changes})


def read(folder, content, name=f"{UUID}.cdr.json"):
    path = folder / name
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    [record] = formats.read(path).records
    return record


def test_a_report_has_everything_the_file_tells():
    [told] = formats.read(FIXTURE).records

    assert told == ChannelRecord(
        bridge="bridge1",
        channel=f"bridge1/{UUID}",
        conference_uuid=SESSION,
        conference_name="30125",
        caller_number="12125550123",
        dialled_number="18005550100",
        is_outbound=False,
        started_at=dt.datetime(2026, 9, 1, 14, 1, 35, tzinfo=dt.UTC),
        answered_at=dt.datetime(2026, 9, 1, 14, 1, 37, tzinfo=dt.UTC),
        ended_at=dt.datetime(2026, 9, 1, 14, 20, 1, tzinfo=dt.UTC),
        hangup_cause="NORMAL_CLEARING",
        q850_cause=16,
        disposition="send_bye",
        left_because=LeftBecause.BRIDGE_ENDED,
        pin_reference="",
        billing_code="",
        position=1,
        raw=FIXTURE.read_text(),
    )


def test_what_the_portal_gave_the_channel_comes_back(tmp_path):
    told = read(tmp_path, usual(accuconf_pin="4711", accuconf_billing_code="AB 12"))

    assert (told.pin_reference, told.billing_code) == ("4711", "AB 12")


def test_encoded_values_are_told_from_plain_ones(tmp_path):
    document = usual(accuconf_billing_code="R&D 100%")
    in_plain = usual(accuconf_billing_code="%41%42")

    assert read(tmp_path, encoded(document)).billing_code == "R&D 100%"
    assert read(tmp_path, document).billing_code == "R&D 100%"
    assert read(tmp_path, in_plain).billing_code == "%41%42"


def test_seconds_serve_where_there_are_no_microseconds(tmp_path):
    document = usual(
        start_uepoch=None, answer_uepoch="0", end_uepoch=None,
        start_epoch=f"{T0}", end_epoch=f"{T0 + 60}",
    )  # fmt: skip

    told = read(tmp_path, document)

    assert (told.ended_at - told.started_at).total_seconds() == 60
    assert told.answered_at is None


@pytest.mark.parametrize(
    ("cause", "disposition", "because"),
    [
        ("NORMAL_CLEARING", "recv_bye", LeftBecause.HUNG_UP),
        ("NORMAL_CLEARING", "send_bye", LeftBecause.BRIDGE_ENDED),
        ("NORMAL_CLEARING", None, LeftBecause.UNKNOWN),
        ("MEDIA_TIMEOUT", "send_bye", LeftBecause.FAILURE),
        (None, None, LeftBecause.UNKNOWN),
    ],
)
def test_why_the_channel_ended(tmp_path, cause, disposition, because):
    told = read(tmp_path, usual(hangup_cause=cause, sip_hangup_disposition=disposition))

    assert told.left_because == because


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"uuid": None}, Reason.NO_ID),
        ({"direction": "sideways"}, Reason.BAD_VALUE),
        ({"hangup_cause_q850": "many"}, Reason.BAD_VALUE),
        ({"start_uepoch": None}, Reason.BAD_TIME),
        ({"end_uepoch": "0"}, Reason.BAD_TIME),
        ({"end_uepoch": "99999999999999999"}, None),
        ({"end_uepoch": "-1"}, Reason.BAD_TIME),
        ({"end_uepoch": "\u0661"}, Reason.BAD_TIME),
        ({"end_uepoch": None, "end_epoch": "9" * 17}, Reason.BAD_TIME),
        ({"end_uepoch": 5}, Reason.NOT_AS_WRITTEN),
        ({"accuconf_billing_code": "1" * 51}, Reason.TOO_LONG),
        ({"accuconf_pin": "1\0"}, Reason.CONTROL_CHARACTER),
        ({"conference_name": "\ud800"}, Reason.CONTROL_CHARACTER),
    ],
)
def test_a_value_that_the_switch_would_not_write_is_refused(tmp_path, changes, reason):
    document = usual()
    document["variables"].update(changes)
    document["variables"] = {n: v for n, v in document["variables"].items() if v is not None}

    told = read(tmp_path, document)

    assert (told.reason if isinstance(told, Unreadable) else None) == reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"core-uuid": ', Reason.NOT_WELL_FORMED),
        ('{"core-uuid": "' + "x\n" + '"}', Reason.NOT_WELL_FORMED),
        ('{"core-uuid": ' + "[" * 100_000, Reason.NOT_AS_WRITTEN),
        ('{"core-uuid": ' + "1" * 5_000 + "}", Reason.NOT_WELL_FORMED),
        ('{"core-uuid": "x"}', Reason.NOT_AS_WRITTEN),
        ('{"core-uuid": "x", "variables": [], "callflow": []}', Reason.NOT_AS_WRITTEN),
        ('{"core-uuid": "x", "variables": {}, "callflow": [[]]}', Reason.NOT_AS_WRITTEN),
        ('{"core-uuid": "x", "variables": {"a": "1", "a": "2"}}', Reason.NOT_AS_WRITTEN),
    ],
    ids=["broken off", "line break", "deep", "huge number", "empty", "list", "no caller", "twice"],
)
def test_what_is_no_report_is_refused(tmp_path, content, reason):
    assert read(tmp_path, content).reason == reason


def test_a_report_larger_than_any_channel_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(json_cdr, "LARGEST_BYTES", 100)

    assert read(tmp_path, usual()).reason == Reason.TOO_LARGE


def test_a_caller_s_number_that_no_database_keeps_is_written_out(tmp_path):
    document = usual(number="1\ud8002\x073")

    assert read(tmp_path, document).caller_number == "1\\ud8002 3"


def test_bytes_that_are_no_text_spoil_nothing_else(tmp_path):
    content = json.dumps(usual(effective_caller_id_name="?x?")).encode().replace(b"?x?", b"\xff")

    told = read(tmp_path, content)

    assert told.channel == f"bridge1/{UUID}"
    assert "\\xff" in told.raw


def test_a_host_is_the_same_with_its_domain_and_in_any_case():
    assert channel_key("Bridge1.Example.com", UUID.upper()) == channel_key("bridge1", UUID)
    assert host_of("192.0.2.1") != host_of("192.0.2.2")
    assert host_of("2001:db8::1.2") == "2001:db8::1.2"


def test_a_damaged_report_is_read_or_refused(tmp_path):
    content = json.dumps(usual()).encode()
    nasty = [b"\0", b'"', b"{", b"[", b"}", b"\xff", b"\\ud800", b"\\u0000", b"1e999", b"null", b""]

    @settings(max_examples=at_length(short=50, full=2_000), deadline=None)
    @given(at=st.integers(0, len(content)), cut=st.integers(0, 60), put=st.sampled_from(nasty))
    def damaged(at, cut, put):
        told = read(tmp_path, content[:at] + put + content[at + cut :])

        assert isinstance(told, ChannelRecord | Unreadable)
        told.raw.encode()

    damaged()
