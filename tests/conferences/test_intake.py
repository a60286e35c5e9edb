"""Taking call records in: every record is accepted, a duplicate, or quarantined with a reason."""

import datetime as dt
import itertools
from pathlib import Path

import pytest

from conferences.models import CallFile, DialInNumber, Leg, QuarantinedRecord, Session
from conferences.records import intake
from conferences.records.intake import Intake
from tests import make
from tests.conferences.call_tables import stored, write_table, write_tables

FIXTURES = Path(__file__).parent / "fixtures"
USUAL = FIXTURES / "5f2d1a52-1f7c-4a7e-9d0b-2f9c6b1f0e11.cdr.xml"
HOSTILE = sorted(FIXTURES.glob("hostile-*.xml"))
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
def line(account):
    make.dial_in_number(number="18005550100")
    return make.conference(account=account, number="30125")


def take_in(folder, *tables):
    return intake.take_in(write_tables(folder, *tables), now=NOW)


def reasons():
    waiting = QuarantinedRecord.objects.waiting().order_by("call_file", "position")
    return [record.reason for record in waiting]


def test_the_fixtures_come_in_with_the_right_totals(line):
    total = intake.take_in([USUAL, *HOSTILE], now=NOW)

    assert total == Intake(accepted=4, quarantined=2, recording_nodes=1, rejected_attempts=2)
    session = Session.objects.get()
    assert session.conference == line
    assert session.started_at == dt.datetime(2026, 9, 1, 14, 0, 5, tzinfo=dt.UTC)
    assert session.ended_at == dt.datetime(2026, 9, 1, 14, 30, 10, tzinfo=dt.UTC)
    seconds = session.legs.order_by("joined_at").values_list("seconds", flat=True)
    assert list(seconds) == [1803, 360, 1080, 1210]


def test_hostile_files_are_quarantined_whole_and_say_why(line):
    intake.take_in(HOSTILE, now=NOW)

    assert Leg.objects.count() == 0
    for record in QuarantinedRecord.objects.all():
        assert (record.reason, record.position) == ("unreadable", 0)
        assert record.detail == "Line 24 holds a comment, which the switch never writes."
        assert "<!---->" in record.raw


def test_each_file_has_its_own_counts(line):
    intake.take_in([HOSTILE[0], USUAL, USUAL], now=NOW)

    counts = CallFile.objects.order_by("pk").values_list("accepted", "duplicates", "quarantined")
    assert list(counts) == [(0, 0, 1), (4, 0, 0), (0, 4, 0)]
    assert CallFile.objects.get(accepted=4).recording_nodes == 1
    assert CallFile.objects.get(accepted=4).name == USUAL.name


def test_a_file_is_finished_when_it_was_done_not_when_the_intake_began(tmp_path, line, monkeypatch):
    clock = itertools.count(step=7)
    monkeypatch.setattr(intake, "HANDFUL", 1)
    monkeypatch.setattr(intake, "monotonic", lambda: next(clock))

    take_in(tmp_path, [{"leg_id": "first"}], [{"leg_id": "second"}])

    finished = CallFile.objects.order_by("pk").values_list("received_at", "finished_at")
    assert list(finished) == [(NOW, NOW + dt.timedelta(seconds=after)) for after in (7, 14)]


def test_taking_in_twice_changes_nothing(line):
    intake.take_in([USUAL, *HOSTILE], now=NOW)
    before = stored()

    again = intake.take_in([USUAL, *HOSTILE], now=NOW)

    assert (again.accepted, again.duplicates, again.quarantined) == (0, 4, 2)
    assert stored() == before


def test_ten_people_behind_one_number_are_ten_legs(tmp_path, line):
    total = take_in(tmp_path, [{"leg_id": f"l-{n}"} for n in range(10)])

    assert total.accepted == 10


def test_a_leg_without_a_second_lasts_none_and_a_begun_second_counts_whole(tmp_path, line):
    start = "2026-09-01T14:00:00Z"
    ends = {"none": start, "begun": "2026-09-01T14:00:00.001Z", "whole": "2026-09-01T14:01:00Z"}

    take_in(tmp_path, [{"leg_id": name, "left_at": end} for name, end in ends.items()])

    assert dict(Leg.objects.values_list("external_id", "seconds")) == {
        "none": 0,
        "begun": 1,
        "whole": 60,
    }


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        ({"left_at": ""}, "no_end", "The record names no end."),
        (
            {"left_at": "2026-09-01T13:59:00Z"},
            "ends_before_start",
            "It ends 00:01:00 before it starts.",
        ),
        (
            {"left_at": "2026-09-02T14:00:01Z"},
            "too_long",
            "It lasts 1 day 00:00:01; no call is longer than 24 hours.",
        ),
        ({"conference": "99999"}, "unknown_conference", "There is no conference 99999."),
        (
            {"dialled_number": "1900"},
            "unknown_number",
            "The number dialled, 1900, is in no row of the dial-in numbers.",
        ),
        ({"moderator": "perhaps"}, "unreadable", "moderator is none of true, false."),
    ],
)
def test_what_cannot_be_billed_is_quarantined_with_its_reason(tmp_path, line, row, reason, detail):
    total = take_in(tmp_path, [{"leg_id": "good"}, row])

    assert (total.accepted, total.quarantined, total.records) == (1, 1, 2)
    record = QuarantinedRecord.objects.get()
    assert (record.reason, record.detail, record.position) == (reason, detail, 2)


def test_an_out_dial_leg_needs_no_number_in_the_table(tmp_path, line):
    take_in(tmp_path, [{"direction": "outbound", "dialled_number": ""}])

    assert Leg.objects.get().access_type == "out_dial"


def test_the_number_dialled_gives_the_access_type(tmp_path, line):
    make.dial_in_number(number="16175550110", access_type="local", label="Boston")

    take_in(tmp_path, [{}, {"leg_id": "l-2", "dialled_number": "16175550110"}])

    assert set(Leg.objects.values_list("access_type", flat=True)) == {"toll_free", "local"}


def test_the_pin_is_found_by_its_reference_on_its_own_conference_only(tmp_path, line, account):
    pin = make.pin(conference=line)
    foreign = make.pin(conference=make.conference(account=account))
    references = [str(pin.pk), str(foreign.pk), "pin_7f3a", ""]

    take_in(tmp_path, [{"leg_id": r, "pin_reference": r} for r in references if r])

    assert dict(Leg.objects.values_list("external_id", "pin")) == {
        str(pin.pk): pin.pk,
        str(foreign.pk): None,
        "pin_7f3a": None,
    }


def test_late_legs_widen_their_session(tmp_path, line):
    late = {"leg_id": "late", "left_at": "2026-09-01T15:00:00Z"}
    early = {"leg_id": "early", "joined_at": "2026-09-01T13:00:00Z"}

    take_in(tmp_path, [{}])
    take_in(tmp_path, [late, early])

    session = Session.objects.get()
    assert (session.started_at.hour, session.ended_at.hour) == (13, 15)


def test_out_dial_legs_from_a_table_join_the_session_of_the_switch_s_own_file(tmp_path, line):
    out_dial = {
        "bridge": "bridge1",
        "session_id": USUAL.name.split(".")[0],
        "direction": "outbound",
        "left_at": "2026-09-01T14:40:00Z",
    }

    total = intake.take_in([USUAL, write_table(tmp_path / "out.csv", [out_dial])], now=NOW)

    assert total.accepted == 5
    assert Session.objects.get().ended_at.minute == 40


def test_other_content_for_a_stored_leg_is_a_conflict_and_changes_nothing(tmp_path, line):
    take_in(tmp_path, [{}])

    total = take_in(tmp_path, [{}, {"caller_name": "Eve"}])

    assert (total.duplicates, total.quarantined) == (1, 1)
    assert Leg.objects.get().caller_name == "Renée"
    assert reasons() == ["conflict"]


def test_of_contradicting_records_in_one_file_none_is_taken(tmp_path, line):
    total = take_in(tmp_path, [{}, {"caller_name": "Eve"}, {"leg_id": "l-2"}])

    assert (total.accepted, total.quarantined) == (1, 2)
    assert Leg.objects.get().external_id == "l-2"
    assert reasons() == ["conflict", "conflict"]


def test_a_session_belongs_to_one_conference(tmp_path, line, account):
    make.conference(account=account, number="30126")
    take_in(tmp_path, [{}])

    total = take_in(tmp_path, [{"leg_id": "l-2", "conference": "30126"}], [{"leg_id": "l-3"}])

    assert (total.accepted, total.quarantined) == (1, 1)
    assert set(Leg.objects.values_list("external_id", flat=True)) == {"l-1", "l-3"}


def test_of_a_session_that_one_file_gives_to_two_conferences_nothing_is_taken(
    tmp_path, line, account
):
    make.conference(account=account, number="30126")
    other = {"leg_id": "l-3", "session_id": "s-2"}

    total = take_in(tmp_path, [{}, {"leg_id": "l-2", "conference": "30126"}, other])

    assert (total.accepted, total.quarantined) == (1, 2)
    assert Leg.objects.get().external_id == "l-3"


def test_a_duplicate_stays_one_after_its_number_and_conference_changed(tmp_path, line):
    take_in(tmp_path, [{}])
    line.account.conferences.update(name="Renamed")
    DialInNumber.objects.all().delete()

    assert take_in(tmp_path, [{}]).duplicates == 1


def test_small_files_go_in_by_handfuls(tmp_path, line, monkeypatch):
    monkeypatch.setattr(intake, "HANDFUL", 3)
    tables = [[{"leg_id": f"{n}-{m}"} for m in range(2)] for n in range(5)]

    assert take_in(tmp_path, *tables).accepted == 10
    assert CallFile.objects.filter(accepted=2).count() == 5
