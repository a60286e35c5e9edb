"""Whole calls, from the number dialled into the room, with the FreeSWITCH configuration we give."""

import re

import pytest
import time_machine
from django.utils import timezone

from conferences.models import Admission
from conferences.services.lock_outs import CALLER
from tests import make
from tests.conferences import in_process
from tests.conferences.scripted_freeswitch import FOLDER, Switch, defaults, parameters
from users.throttling import count

NUMBER = "18005550100"
ASK, WRONG = "conference/conf-pin.wav", "conference/conf-bad-pin.wav"
TRY_LATER = "accuconf/try_later.wav"
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def line(account):
    make.dial_in_number(number=NUMBER)
    line = make.conference(account=account, number="30125", waits_for_moderator=True)
    make.pin(conference=line, kind="moderator", digits="111111111")
    return line


@pytest.fixture
def switch(line, key):
    return Switch(portal=in_process.ORIGIN, name="bridge1", key=key)


@pytest.mark.django_db(transaction=True)
def test_caller_mistypes_then_enters_as_moderator(live_server, line, key):
    switch = Switch(portal=live_server.url, name="bridge1", key=key)

    done = switch.call(NUMBER, keys=["999999999#", "111111111*4711#"])

    assert done.heard == [ASK, WRONG, ASK]
    assert (done.room, done.hung_up) == ("30125", "NORMAL_CLEARING")
    assert switch.rooms[done.profile]["cdr-log-dir"] == defaults()["accuconf_records"]
    assert done.variables["accuconf_pin"] == str(line.pins.get().pk)
    assert done.variables["accuconf_billing_code"] == "4711"
    assert done.variables["conference_member_flags"] == "moderator"
    assert done.variables["conference_flags"] == "wait-mod"


def test_recorded_conference_is_in_a_profile_that_records(switch, line):
    line.records_automatically = True
    line.save()

    done = switch.call(NUMBER, keys=["111111111#"])

    assert "auto-record" in switch.rooms[done.profile]


def test_caller_who_knows_no_pin_is_asked_three_times(switch, line):
    done = switch.call(NUMBER, keys=["999999999#", "no digits", "999999999#", "111111111#"])

    assert done.heard == [ASK, WRONG, ASK, ASK, WRONG]
    assert (done.room, done.hung_up) == ("", "NORMAL_CLEARING")


@time_machine.travel("2026-04-01T12:00:30Z")
def test_caller_who_is_locked_out_is_told_so(switch):
    for _ in range(CALLER.tries):
        count(CALLER, "12125550123", now=timezone.now())

    done = switch.call(NUMBER, keys=["111111111#"])

    assert (done.heard[-1], done.room) == ("accuconf/locked_out.wav", "")


def test_number_that_is_none_of_ours_goes_on_to_the_switchs_own_files(switch, line):
    assert switch.call("18005550199").heard == [TRY_LATER]
    assert switch.call("1000").heard == []


@pytest.mark.parametrize("wrong", ["portal", "key"])
def test_nobody_comes_in_while_the_portal_does_not_answer(line, key, wrong):
    given = {"portal": in_process.ORIGIN, "key": key}
    switch = Switch(name="bridge1", **given | {wrong: NOWHERE})

    done = switch.call(NUMBER, keys=["111111111#"])

    assert (done.heard, done.room) == ([TRY_LATER], "")
    assert done.hung_up == "NORMAL_TEMPORARY_FAILURE"


def test_nobody_comes_in_when_the_portal_goes_away_during_the_call(switch, line):
    switch.gateway["gateway-url"] = NOWHERE

    done = switch.call(NUMBER, keys=["111111111#"])

    assert (done.heard, done.room) == ([TRY_LATER], "")
    assert done.hung_up == "NORMAL_TEMPORARY_FAILURE"
    assert not Admission.objects.exists()


# The files themselves.

FILES = sorted(file.relative_to(FOLDER) for file in FOLDER.rglob("*.xml"))
CONFIGURED = Switch(portal="https://portal.example.com", name="bridge1", key="a key")


def test_every_variable_of_ours_is_set_in_one_file():
    texts = " ".join((FOLDER / file).read_text() for file in FILES)

    assert set(re.findall(r"\$\$\{(accuconf_\w+)\}", texts)) == set(defaults())


def test_portal_is_known_by_its_certificate_wherever_it_is_asked():
    asked = [parameters(CONFIGURED.read(file)) for file in FILES if asks_the_portal(file)]

    assert len(asked) == 3
    assert {given["enable-cacert-check"] for given in asked} == {"true"}
    assert {given["enable-ssl-verifyhost"] for given in asked} == {"true"}


def asks_the_portal(file):
    return "$${accuconf_key}" in (FOLDER / file).read_text()


def test_only_the_portal_opens_rooms():
    """A conference in the static dialplan would let people in without a PIN."""
    own = [CONFIGURED.read(file) for file in FILES if file.parts[0] == "dialplan"]

    steps = {step.get("application") for file in own for step in file.iter("action")}
    assert steps == {"answer", "sleep", "playback", "hangup"}


def test_portal_can_do_no_more_than_it_needs():
    granted = {
        permission.get("name")
        for permission in CONFIGURED.httapi.iter("permission")
        if permission.get("value") == "true"
    }

    assert granted == {"set-params", "set-vars", "conference", "conference-set-profile"}


def test_profile_that_records_differs_in_nothing_else():
    plain, recorded = CONFIGURED.rooms["accuconf"], CONFIGURED.rooms["accuconf-record"]

    assert plain.items() <= recorded.items()
    assert set(recorded) - set(plain) == {"auto-record", "min-required-recording-participants"}
