"""What FreeSWITCH is told to do with a call: its dialplan, and the steps of mod_httapi."""

from xml.etree import ElementTree

import pytest

from conferences.models import Admission
from conferences.services.lock_outs import CALLER
from tests import make


@pytest.fixture
def line(account):
    line = make.conference(account=account, name="${system(reboot)}", number="30125")
    make.pin(conference=line, kind="moderator", digits="111")
    make.pin(conference=line, digits="333")
    return line


def dialplan(ask, number="18005550100", **form):
    asked = {
        "section": "dialplan",
        "tag_name": "",
        "Hunt-Destination-Number": number,
        "Hunt-Context": "public",
        **form,
    }
    return ask("freeswitch/dialplan/", **asked)


def httapi(ask, **form):
    """Send what mod_httapi sends of a call, and return the document that it gets."""
    known = {
        "session_id": "0b5f6c1e-8f0a-4b52-9a53-6f0d3c1f2a02",
        "Caller-Caller-ID-Number": "12125550123",
        "Caller-Destination-Number": "18005550100",
    }
    response = ask("freeswitch/httapi/", **known, **form)
    assert response["Content-Type"] == "text/xml"
    return ElementTree.fromstring(response.content)


def variables(document):
    return {variable.tag: variable.text for variable in document.find("variables")}


def work(document):
    return [step.tag for step in document.find("work")]


@pytest.mark.parametrize("number", ["18005550100", "+18005550100"])
def test_call_to_a_dial_in_number_is_led_by_us_and_falls_back_to_a_sentence(ask, number):
    make.dial_in_number(number="18005550100")

    document = ElementTree.fromstring(dialplan(ask, number).content)

    condition = document.find("section/context[@name='public']/extension/condition")
    assert condition.attrib == {"field": "destination_number", "expression": r"^\+?18005550100$"}
    steps = [(step.get("application"), step.get("data")) for step in condition]
    assert steps[-4:] == [
        ("sleep", "500"),
        ("httapi", ""),
        ("playback", "accuconf/try_later.wav"),
        ("hangup", "NORMAL_TEMPORARY_FAILURE"),
    ]
    assert ("set", "sensitive_dtmf=true") in steps


@pytest.mark.parametrize(
    "form",
    [
        {"number": "18005550199"},
        {"section": "directory"},
        {"section": "configuration", "key_value": "conference.conf"},
        {"Hunt-Context": "${system(reboot)}"},
        {"Hunt-Context": ""},
        {"number": "1000"},
        {"number": ""},
    ],
)
def test_everything_else_is_not_found_so_that_the_switch_reads_its_own_files(ask, form):
    make.dial_in_number(number="18005550100")

    document = ElementTree.fromstring(dialplan(ask, **form).content)

    assert document.find("section").get("name") == "result"
    assert document.find("section/result").get("status") == "not found"


def test_caller_is_asked_for_the_pin_three_times(ask, line):
    first = httapi(ask)
    second = httapi(ask, accuconf_tries="1", pin="999")
    third = httapi(ask, accuconf_tries="2", pin="998")
    last = httapi(ask, accuconf_tries="3", pin="997")

    assert [document.findtext("params/accuconf_tries") for document in (first, second, third)] == [
        "1", "2", "3",
    ]  # fmt: skip
    (ask_step,) = first.find("work")
    assert (ask_step.get("name"), ask_step.find("bind").get("strip")) == ("pin", "#")
    assert work(second) == ["playback", "playback"]
    assert work(last) == ["playback", "hangup"]


def test_silence_counts_as_a_try_of_this_call_alone(ask, line):
    for _ in range(CALLER.tries + 1):
        assert work(httapi(ask, accuconf_tries="1")) == ["playback"]

    assert work(httapi(ask, accuconf_tries="3")) == ["playback", "hangup"]
    assert work(httapi(ask, accuconf_tries="1", pin="111")) == ["conference", "hangup"]


def test_moderator_is_put_into_the_conference(ask, line):
    line.waits_for_moderator = True
    line.save()

    document = httapi(ask, accuconf_tries="1", pin="111*47")

    conference = document.find("work/conference")
    assert (conference.text, conference.get("profile")) == ("30125", "accuconf")
    assert variables(document) == {
        "accuconf_pin": str(line.pins.get(kind="moderator").pk),
        "accuconf_billing_code": "47",
        "conference_member_flags": "moderator",
        "conference_flags": "wait-mod",
    }


def test_participant_is_put_in_muted_silently_and_recorded(ask, line):
    line.mutes_on_entry = line.records_automatically = True
    line.plays_entry_tones = False
    line.save()

    document = httapi(ask, accuconf_tries="1", pin="333")

    assert document.find("work/conference").get("profile") == "accuconf-record"
    assert variables(document) == {
        "accuconf_pin": str(line.pins.get(kind="participant").pk),
        "conference_member_flags": "mute",
        "conference_enter_sound": "silence_stream://10",
        "conference_exit_sound": "silence_stream://10",
    }


def test_nothing_that_a_customer_typed_reaches_freeswitch(ask, line):
    """It expands `${…}`, and by that runs commands."""
    document = httapi(ask, accuconf_tries="1", pin="111")

    said = ElementTree.tostring(document, encoding="unicode")
    assert "$" not in said
    assert "reboot" not in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends_at": "2020-01-01T00:00Z"}, "accuconf/over.wav"),
        ({"starts_at": "2090-01-01T00:00Z"}, "accuconf/not_yet.wav"),
    ],
)
def test_right_pin_at_the_wrong_time_is_told_why_and_not_asked_again(ask, line, change, sentence):
    line.pins.update(**change)

    document = httapi(ask, accuconf_tries="1", pin="111")

    assert work(document) == ["playback", "hangup"]
    assert document.find("work/playback").get("file") == sentence


def test_end_of_a_call_is_answered_and_counts_for_nothing(ask, line):
    document = httapi(ask, accuconf_tries="1", pin="111", exiting="true")

    assert work(document) == ["hangup"]
    assert not Admission.objects.exists()


@pytest.mark.parametrize("tries", ["x", "-1", "99", "٣", ""])
def test_nonsense_for_the_number_of_tries_starts_afresh(ask, line, tries):
    assert httapi(ask, accuconf_tries=tries).findtext("params/accuconf_tries") == "1"
