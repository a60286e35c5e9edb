"""Asterisk's Master.csv: taken in without its pair rows, else refused with the reason."""

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from conferences.models import CallFile, Leg, QuarantinedRecord
from conferences.records import formats, intake
from conferences.records.leg import LegRecord, Unreadable
from conferences.records.origin import MasterRows, Origin, SettingsMissing, master_rows
from conferences.records.raw import raw_record
from tests import make

CAPTURED = Path(__file__).parent / "captured"
NOW = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)
CONF = """\
[general]
enable=yes
ignorestatechanges => yes ; no pairs
[csv]
usegmtime=yes
loguniqueid=yes
loguserfield=yes
newcdrcolumns=yes
[accuconf]
context=bridge
"""
ASTERISK = Origin(bridge="asterisk1", master=master_rows(CONF))
BERLIN = MasterRows(
    has_pairs=False,
    has_unique_id=True,
    has_user_field=False,
    has_new_columns=False,
    zone="Europe/Berlin",
    context="bridge",
)
ROW = (
    '"A-1001","12125550123","30125","bridge","""Renée"" <12125550123>","PJSIP/t-1","",'
    '"ConfBridge","30125,public","2026-11-22 17:12:17","{answer}","{end}",70,{seconds},'
    '"{disposition}","DOCUMENTATION","1795367537.1"\n'
)


@pytest.fixture
def line(account):
    make.dial_in_number(number="30125")
    return make.conference(account=account, number="30125")


@pytest.fixture
def read(tmp_path):
    def read_rows(*rows, master=BERLIN, name="Master.csv"):
        path = tmp_path / name
        path.write_text("".join(rows))
        parsed = formats.read(path, Origin(bridge="asterisk1", master=master))
        return parsed, list(parsed.records)

    return read_rows


def row(*, answer="2026-11-22 17:12:17", end="2026-11-22 17:13:27", seconds=70, **fields):
    return ROW.format(
        **{"answer": answer, "end": end, "seconds": seconds, "disposition": "ANSWERED", **fields}
    )


def command(*words):
    out = io.StringIO()
    call_command("import_calls", *map(str, words), stdout=out)
    return out.getvalue().splitlines()


def test_a_file_without_pair_rows_makes_the_legs_that_were_held(line, tmp_path):
    conf = tmp_path / "cdr.conf"
    conf.write_text(CONF)
    file = CAPTURED / "Master.ignorestatechanges.csv"

    said = command(file, "--bridge", "asterisk1", "--cdr-conf", conf)

    assert said == [
        "4 records in 1 file: 4 accepted + 0 duplicates + 0 quarantined.",
        "Beside them: 0 recordings and 2 rejected attempts.",
        "6 rows are of calls that met no conference.",
    ]
    assert list(Leg.objects.values_list("caller_name", "seconds")) == [
        ("Guest Renée", 70),
        ("Host Ann", 40),
        ("Guest <ext 5> & Co", 20),
        ("Guest Kick", 9),
    ]
    first = Leg.objects.first()
    assert first.joined_at == dt.datetime(2026, 11, 22, 17, 12, 17, tzinfo=dt.UTC)
    assert raw_record(first) in file.read_text().splitlines()


def test_a_file_is_refused_whole_while_nobody_says_that_it_has_no_pairs(line):
    for origin in (Origin(), Origin("asterisk1"), Origin("", ASTERISK.master)):
        counts = intake.take_in([CAPTURED / "Master.pairs.csv"], now=NOW, origin=origin)
        assert (counts.records, counts.quarantined) == (1, 1)

    [kept] = QuarantinedRecord.objects.all()
    assert "ignorestatechanges=yes" in kept.detail


def test_a_file_that_holds_pairs_is_refused_whatever_was_said(line):
    counts = intake.take_in([CAPTURED / "Master.pairs.csv"], now=NOW, origin=ASTERISK)

    assert (counts.records, counts.quarantined, counts.other_calls) == (1, 1, 0)
    assert "does write pairs" in QuarantinedRecord.objects.get().detail


def test_a_channel_of_two_rows_shows_pairs_too(read):
    _, [refused] = read(row(), row(seconds=69))

    assert "does write pairs" in refused.detail


def test_a_row_waits_in_quarantine_and_is_taken_in_again_from_there(account):
    file = CAPTURED / "Master.ignorestatechanges.csv"
    intake.take_in([file], now=NOW, origin=ASTERISK)
    assert [kept.reason for kept in QuarantinedRecord.objects.all()] == ["unknown_conference"] * 4
    make.dial_in_number(number="30125")
    make.conference(account=account, number="30125")

    for kept in QuarantinedRecord.objects.all():
        intake.retry(kept, now=NOW)

    assert (QuarantinedRecord.objects.waiting().count(), Leg.objects.count()) == (0, 4)


def test_a_file_of_one_bridge_cannot_speak_for_another(line, tmp_path):
    intake.take_in([CAPTURED / "Master.ignorestatechanges.csv"], now=NOW, origin=ASTERISK)
    forged = tmp_path / "Master.csv"
    forged.write_text(';accuconf {"bridge": "asterisk9", "master": {}}\n' + row())

    intake.take_in([forged], now=NOW, origin=Origin("asterisk1", BERLIN))

    assert set(Leg.objects.values_list("bridge", flat=True)) == {"asterisk1"}


def test_times_are_read_in_the_bridge_s_own_zone(read):
    _, [leg] = read(row())

    assert isinstance(leg, LegRecord)
    assert leg.joined_at == dt.datetime(2026, 11, 22, 16, 12, 17, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("answer", "end", "seconds", "hour"),
    [
        ("2026-10-25 01:50:00", "2026-10-25 02:10:00", 1200, 23),
        ("2026-10-25 02:50:00", "2026-10-25 02:10:00", 1200, 0),
        ("2026-10-25 02:50:00", "2026-10-25 03:10:00", 1200, 1),
        ("2026-03-29 01:50:00", "2026-03-29 03:10:00", 1200, 0),
    ],
)
def test_a_change_of_the_clock_is_told_by_the_seconds(read, answer, end, seconds, hour):
    _, [leg] = read(row(answer=answer, end=end, seconds=seconds))

    assert (leg.joined_at.hour, (leg.left_at - leg.joined_at).seconds) == (hour, seconds)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (row(answer="2026-10-25 02:10:00", end="2026-10-25 02:11:10"), "could be either"),
        (row(answer="2026-03-29 02:10:00", end="2026-03-29 02:11:10"), "do not agree"),
        (row(seconds=7), "do not agree"),
        (row(seconds="x"), "not a number"),
        (row(answer=""), "no time"),
        ('"a","b"\n', "2 columns; as cdr.conf is set, it should have 17"),
        ('"a""b"c,"d"\n', "cannot be read"),
        ('"' + "a" * 70_000, "cannot be read"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(read, text, words):
    _, [bad] = read(text)

    assert isinstance(bad, Unreadable)
    assert words in bad.detail


def test_callers_who_were_not_let_in_are_counted_apart(read):
    parsed, records = read(
        row(seconds=0), row(disposition="NO ANSWER", answer="").replace("537.1", "537.2")
    )

    assert (len(parsed.rejected_attempts), records) == (2, [])


def test_without_a_unique_id_a_row_is_known_by_its_text(read):
    master = MasterRows(**{**vars_of(BERLIN), "has_unique_id": False})
    shorter = row().replace(',"1795367537.1"', "")

    _, [leg, other] = read(shorter, shorter.replace("PJSIP/t-1", "PJSIP/t-2"), master=master)

    assert leg.external_id.startswith("row-")
    assert leg.external_id != other.external_id


def vars_of(rows):
    return {name: getattr(rows, name) for name in MasterRows.__slots__}


@pytest.mark.parametrize(
    ("conf", "words"),
    [
        (CONF.replace("context=bridge", ""), "context"),
        (CONF.replace("usegmtime=yes", ""), "zone"),
        (CONF.replace("usegmtime=yes", "") + "zone=Nowhere/There\n", "zone"),
    ],
)
def test_a_cdr_conf_that_says_too_little_says_what_is_missing(conf, words, tmp_path, db):
    with pytest.raises(SettingsMissing, match=words):
        master_rows(conf)
    path = tmp_path / "cdr.conf"
    path.write_text(conf)
    with pytest.raises(CommandError, match=words):
        command(path, "--cdr-conf", path)
    assert CallFile.objects.count() == 0
