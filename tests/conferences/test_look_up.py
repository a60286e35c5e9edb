"""What the bridges are answered when somebody calls, each in its own language."""

import re
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from conferences.bridge.answers import facts_of
from conferences.entering import Entry, Reason, Refusal
from conferences.models import Admission, Schedule
from conferences.services.bridges import make_key
from conferences.services.lock_outs import CALLER, DIALLED, WITHHELD
from tests import make

HOSTILE = 'A&B="1"\r\nanswer=enter,<x>]]>${system(reboot)} “Ω”%'


@pytest.fixture
def bridge(db):
    return make.bridge(name="bridge1")


@pytest.fixture
def key(bridge):
    return make_key(bridge, now=timezone.now())


@pytest.fixture
def ask(client, key):
    """Asks one of the bridge's addresses, as the bridge."""

    def asked(path, **form):
        return client.post(f"/bridge/{path}", form, headers={"Authorization": f"Bearer {key}"})

    return asked


@pytest.fixture
def line(account):
    line = make.conference(account=account, name=HOSTILE, number="30125")
    make.pin(conference=line, kind="moderator", digits="111")
    make.pin(conference=line, digits="333")
    return line


def call(digits, **fields):
    """Return the form by which a bridge asks about a call."""
    known = {"call": "1788271290.18", "caller": "12125550123", "dialled": "18005550100"}
    return {"digits": digits, **known, **fields}


def pairs(response):
    """Take an answer apart as Asterisk does."""
    found = parse_qs(response.content.decode("ascii"), strict_parsing=True, keep_blank_values=True)
    return {name: value for name, (value,) in found.items()}


def test_json_answer_to_who_may_enter(ask, line):
    line.mutes_on_entry = line.records_automatically = True
    line.save()
    pin = line.pins.get(kind="participant")

    response = ask("pin/", **call("333*47"))

    assert response.json() == {
        "answer": "enter",
        "pin": str(pin.pk),
        "role": "participant",
        "conference": "30125",
        "name": HOSTILE,
        "billing_code": "47",
        "moderator": False,
        "mute": True,
        "wait": False,
        "record": True,
        "tones": True,
        "names": False,
    }
    admitted = Admission.objects.get()
    assert (admitted.pin, admitted.call, admitted.caller_number) == (
        pin,
        "1788271290.18",
        "12125550123",
    )


def test_json_answer_to_who_may_not(ask, line):
    Schedule.objects.create(
        conference=line, starts_on="2090-01-01", starts_at_time="09:00", time_zone="UTC", minutes=30
    )

    assert ask("pin/", **call("999")).json() == {
        "answer": "refuse", "reason": "unknown", "opens_at": "",
    }  # fmt: skip
    assert ask("pin/", **call("111")).json() == {
        "answer": "refuse", "reason": "not_yet", "opens_at": "2090-01-01T08:45:00+00:00",
    }  # fmt: skip


def test_asterisk_gets_the_same_in_pairs_but_for_the_name_that_somebody_typed(ask, line):
    response = ask("asterisk/pin/", **call("111"))

    words = {True: "yes", False: "no"}
    same = ask("pin/", **call("111")).json()
    del same["name"]
    assert pairs(response) == {name: words.get(said, said) for name, said in same.items()}
    assert re.fullmatch(rb"[a-z_]+=[\w.-]*(&[a-z_]+=[\w.-]*)*", response.content)


@pytest.mark.parametrize("path", ["pin/", "asterisk/pin/"])
def test_call_without_a_name_of_its_own_is_a_bad_request(ask, line, path):
    assert [ask(path, **call("111", call=name)).status_code for name in ("", "a b", "\0")] == [
        400, 400, 400,
    ]  # fmt: skip
    assert not Admission.objects.exists()


@pytest.mark.parametrize("path", ["pin/", "freeswitch/dialplan/"])
def test_only_post_is_answered(client, key, path):
    headers = {"Authorization": f"Bearer {key}"}

    assert client.get(f"/bridge/{path}?digits=111", headers=headers).status_code == 405


def test_look_up_asks_little_and_touches_no_session(ask, line, django_assert_num_queries):
    with django_assert_num_queries(5):  # key, PIN with all about it, admission in a transaction
        response = ask("pin/", **call("333"))

    assert not response.cookies
    assert response["Cache-Control"] == "private, no-store"


def test_look_up_of_a_limited_pin_asks_little_more(ask, line, django_assert_num_queries):
    line.pins.update(maximum_uses=5)

    with django_assert_num_queries(7):  # and the lock of its row, the count
        ask("pin/", **call("333"))


def test_nobody_is_let_in_while_wrong_pins_cannot_be_counted(line, key, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }
    bridge = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {key}"})

    assert bridge.post("/bridge/pin/", call("111")).status_code == 500
    assert not Admission.objects.exists()


# FreeSWITCH: mod_xml_curl asks for the dialplan, mod_httapi then leads the call.


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


@pytest.mark.parametrize("path", ["freeswitch/httapi/", "asterisk/pin/"])
def test_conference_number_that_a_switch_could_misread_is_never_sent(key, line, path):
    line.number = '"${x}'
    line.save()
    bridge = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {key}"})

    form = {"session_id": "1", "accuconf_tries": "1", "pin": "111"}
    assert bridge.post(f"/bridge/{path}", call("111") | form).status_code == 500


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


def test_all_that_is_answered_is_documented(conference):
    pin = make.pin(conference=conference)
    page = Path("docs/first-call.md").read_text()

    names = {*facts_of(Entry(pin, "")), *facts_of(Refusal(Reason.UNKNOWN)), *Reason}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
    for limit in (CALLER, WITHHELD, DIALLED):
        assert f"| {limit.tries} |" in page
