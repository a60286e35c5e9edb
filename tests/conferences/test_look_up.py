"""What the bridges are answered when somebody calls, each in its own language."""

import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.test import Client

from conferences.bridge.answers import facts_of
from conferences.entering import Entry, Reason, Refusal
from conferences.models import Admission, Schedule
from conferences.services.lock_outs import CALLER, DIALLED, WITHHELD
from tests import make

HOSTILE = 'A&B="1"\r\nanswer=enter,<x>]]>${system(reboot)} “Ω”%'


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


@pytest.mark.parametrize("path", ["freeswitch/httapi/", "asterisk/pin/"])
def test_conference_number_that_a_switch_could_misread_is_never_sent(key, line, path):
    line.number = '"${x}'
    line.save()
    bridge = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {key}"})

    form = {"session_id": "1", "accuconf_tries": "1", "pin": "111"}
    assert bridge.post(f"/bridge/{path}", call("111") | form).status_code == 500


def test_all_that_is_answered_is_documented(conference):
    pin = make.pin(conference=conference)
    page = Path("docs/first-call.md").read_text()

    names = {*facts_of(Entry(pin, "")), *facts_of(Refusal(Reason.UNKNOWN)), *Reason}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
    for limit in (CALLER, WITHHELD, DIALLED):
        assert f"| {limit.tries} |" in page
