"""Legs of FreeSWITCH joined with the reports of their channels: confirmed, or kept aside."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conferences import tasks
from conferences.models import Bridge, CallFile, ChannelReport, Leg, QuarantinedRecord, Session
from conferences.records import intake, raw
from conferences.records.intake import Intake
from conferences.records.origin import Origin
from tests import make
from tests.conferences.call_tables import stored, write_tables
from tests.conferences.channel_reports import SESSION, T0, report, write_report
from tests.conferences.freeswitch_writer import Caller, conference_cdr
from tests.plugins.full import at_length
from tests.undoing import undone

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
UUID = "0b5f6c1e-8f0a-4b52-9a53-6f0d3c1f2a0{}"
REN = Caller(T0 + 60, T0 + 1800, "Renée", "12125550123", UUID.format(2))


@pytest.fixture
def line(account):
    make.dial_in_number(number="18005550100")
    return make.conference(account=account, number="30125")


@pytest.fixture
def bridge(line):
    return make.bridge(name="bridge1")


def write_conference(folder, *callers, session=SESSION, **fields):
    path = folder / f"{session}.cdr.xml"
    told = {"number": "30125", "started": T0, "ended": T0 + 1800, **fields}
    path.write_text(conference_cdr(members=callers, **told))
    return path


def report_of(caller, **fields):
    told = {"started": caller.joined - 20, "ended": caller.left, "number": caller.number}
    return report(caller.uuid, **{**told, **fields})


def take_in(*paths, **fields):
    return intake.take_in(paths, now=NOW, **fields)


def waiting():
    return [record.reason for record in QuarantinedRecord.objects.waiting()]


def test_a_report_gives_the_leg_its_pin_and_why_it_left_and_the_session_its_code(
    tmp_path, bridge, line
):
    pin = make.pin(conference=line)
    document = report_of(REN, accuconf_pin=f"{pin.pk}", accuconf_billing_code="7001")

    total = take_in(write_conference(tmp_path, REN), write_report(tmp_path, document))

    assert total == Intake(accepted=2)
    leg = Leg.objects.get()
    assert (leg.pin, leg.left_because, leg.access_type) == (pin, "hung_up", "toll_free")
    assert leg.session.keyed_code == "7001"


def test_a_leg_that_the_bridge_called_is_an_out_dial_leg_to_whom_it_called(tmp_path, bridge):
    called = replace(REN, dialled="14045550199")
    document = report_of(called, dialled="14045550199", direction="outbound")

    take_in(write_report(tmp_path, document), write_conference(tmp_path, called))

    leg = Leg.objects.get()
    assert (leg.access_type, leg.caller_number) == ("out_dial", "14045550199")


def test_only_the_last_stay_of_a_channel_ended_as_the_channel_did(tmp_path, bridge):
    earlier = replace(REN, left=T0 + 600)
    later = replace(REN, joined=T0 + 700)
    document = report_of(replace(REN, left=T0 + 1800))

    take_in(write_report(tmp_path, document), write_conference(tmp_path, later, earlier))

    because = Leg.objects.order_by("joined_at").values_list("left_because", flat=True)
    assert list(because) == ["", "hung_up"]


def test_who_was_removed_is_known_from_the_conference(tmp_path, bridge):
    removed = replace(REN, was_kicked=True)

    take_in(write_report(tmp_path, report_of(removed)), write_conference(tmp_path, removed))

    assert Leg.objects.get().left_because == "removed"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"conference_uuid": UUID.format(9)}, "another conference"),
        ({"conference_uuid": None}, "another conference"),
        ({"conference_name": "30126"}, "another conference"),
        ({"number": "12125550124"}, "another caller"),
        ({"dialled": "18005550101"}, "another number dialled"),
        ({"started": REN.joined + 6}, "other times"),
        ({"ended": REN.left - 6}, "other times"),
    ],
)
def test_a_leg_that_its_report_contradicts_is_kept_aside(tmp_path, bridge, fields, told):
    files = [
        write_report(tmp_path, report_of(REN, **fields)), write_conference(tmp_path, REN)
    ]  # fmt: skip

    total = take_in(*files)

    assert (total.accepted, total.quarantined) == (1, 1)
    record = QuarantinedRecord.objects.get()
    assert (record.reason, record.detail) == (
        "contradicted",
        f"The report of the channel tells of {told}.",
    )
    assert Leg.objects.count() == 0


def test_whole_seconds_and_a_domain_contradict_nothing(tmp_path, bridge):
    document = report_of(
        REN, started=REN.joined + 4, ended=REN.left - 4, switch="BRIDGE1.example.com",
        conference_name="30125@default", conference_uuid=SESSION.upper(),
    )  # fmt: skip

    take_in(write_report(tmp_path, document), write_conference(tmp_path, REN))

    assert Leg.objects.count() == 1


def test_a_leg_waits_for_its_report_and_comes_in_with_it_by_itself(tmp_path, bridge):
    other = replace(REN, uuid=UUID.format(3), number="14045550199")
    file = write_conference(tmp_path, REN, other)
    assert take_in(file) == Intake(quarantined=2)
    assert waiting() == ["unconfirmed"] * 2

    assert take_in(write_report(tmp_path, report_of(REN))) == Intake(accepted=1)

    assert waiting() == ["unconfirmed"]
    assert Leg.objects.get().caller_number == REN.number
    take_in(write_report(tmp_path, report_of(other)))
    assert (waiting(), Leg.objects.count()) == ([], 2)
    assert take_in(file) == Intake(duplicates=2)


def test_a_report_that_came_while_nobody_looked_is_found_by_the_sweep(
    tmp_path, bridge, monkeypatch
):
    take_in(write_conference(tmp_path, REN))
    with monkeypatch.context() as crash:
        crash.setattr(intake, "retry_confirmed", lambda now: None)
        take_in(write_report(tmp_path, report_of(REN)))
    assert Leg.objects.count() == 0

    assert intake.retry_confirmed(now=NOW) == Intake(accepted=1)

    assert waiting() == []
    assert intake.retry_confirmed(now=NOW) == Intake()


def test_a_leg_comes_in_even_if_its_file_is_lost(tmp_path, bridge, own_call_files):
    take_in(write_conference(tmp_path, REN))
    raw.place_of(CallFile.objects.get().sha256).unlink()

    take_in(write_report(tmp_path, report_of(REN)))

    assert (waiting(), Leg.objects.count()) == ([], 1)


def test_bridges_that_send_no_reports_are_believed_alone(tmp_path, bridge):
    file = write_conference(tmp_path, REN)
    take_in(file)
    Bridge.objects.update(sends_json_cdr=False)

    tasks.retry_confirmed()

    assert (waiting(), Leg.objects.get().left_because) == ([], "")


def test_a_leg_that_was_believed_alone_stays_a_duplicate_once_there_are_reports(tmp_path, line):
    file = write_conference(tmp_path, REN)
    assert take_in(file) == Intake(accepted=1)
    make.bridge(name="bridge1.example.com")
    take_in(write_report(tmp_path, report_of(REN)))

    assert take_in(file) == Intake(duplicates=1)
    assert Leg.objects.get().left_because == ""


def test_a_domain_or_capitals_in_its_name_do_not_spare_a_bridge_its_reports(tmp_path, bridge):
    take_in(write_conference(tmp_path, REN, hostname="Bridge1.example.com"))

    assert waiting() == ["unconfirmed"]


def test_a_report_is_stored_once_and_another_of_its_channel_is_kept_aside(tmp_path, bridge):
    file = write_report(tmp_path, report_of(REN))
    (tmp_path / "other").mkdir()
    other = write_report(tmp_path / "other", report_of(REN, accuconf_pin="1"))

    assert take_in(file, file) == Intake(accepted=1, duplicates=1)
    assert take_in(file, other) == Intake(duplicates=1, quarantined=1)

    assert ChannelReport.objects.get().pin_reference == ""
    record = QuarantinedRecord.objects.get()
    assert (record.reason, record.external_id) == ("conflict", f"bridge1/{REN.uuid}")
    assert record.detail == "The channel has been reported on already with other content."
    assert intake.retry(record, now=NOW) == Intake(quarantined=1)
    assert take_in(other) == Intake(quarantined=1)
    assert QuarantinedRecord.objects.count() == 1


def test_what_one_bridge_hands_in_tells_nothing_of_another(tmp_path, bridge):
    files = [
        write_report(tmp_path, report_of(REN)), write_conference(tmp_path, REN),
        *write_tables(tmp_path, [{"bridge": "bridge1"}]),
    ]  # fmt: skip

    assert take_in(*files, origin=Origin("bridge2")) == Intake(quarantined=3)

    assert waiting() == ["unreadable"] * 3
    details = set(QuarantinedRecord.objects.values_list("detail", flat=True))
    assert details == {"It names the bridge bridge1, but bridge2 handed it in."}
    assert take_in(*files, origin=Origin("bridge1")).accepted == 3


#: Callers, and the reports of all but the last; the third's tells of another number.
CALLERS = [
    replace(REN, uuid=UUID.format(n), number=f"1212555010{n}", joined=T0 + n) for n in range(4)
]
REPORTS = [
    report_of(caller, number="1900" if n == 2 else caller.number, accuconf_billing_code=f"{9 - n}")
    for n, caller in enumerate(CALLERS[:3])
]


def test_the_order_in_which_records_and_reports_come_changes_nothing(tmp_path, bridge):
    everything = [
        write_conference(tmp_path, *CALLERS),
        *(write_report(tmp_path, document) for document in REPORTS),
    ]

    def outcome(*handfuls):
        with undone():
            total = sum((take_in(*files) for files in handfuls), start=Intake())
            codes = list(Session.objects.values_list("keyed_code", flat=True))
            left = set(Leg.objects.values_list("external_id", "left_because", "caller_number"))
            return total.records, (stored(), codes, left, ChannelReport.objects.count())

    _, expected = outcome(everything)
    assert (len(expected[0]["legs"]), expected[1], expected[3]) == (2, ["8"], 3)

    @settings(
        max_examples=at_length(short=15, full=500),
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        order=st.permutations(everything),
        again=st.lists(st.sampled_from(everything), max_size=3),
        cuts=st.lists(st.integers(0, 7), max_size=3),
    )
    def any_order(order, again, cuts):
        feed = [*order, *again]
        edges = [0, *sorted(min(cut, len(feed)) for cut in cuts), len(feed)]

        records, state = outcome(*[feed[start:end] for start, end in pairwise(edges)])

        assert state == expected
        assert records == sum(4 if path == everything[0] else 1 for path in feed)

    any_order()
