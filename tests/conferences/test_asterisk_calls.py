"""Whole calls, from the number dialled into the room, with the Asterisk configuration we give."""

import configparser
import re

import pytest

from conferences.models import Admission
from tests import make
from tests.conferences import in_process
from tests.conferences.scripted_asterisk import FOLDER, Asterisk

NUMBER = "+18005550100"
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def line(account):
    line = make.conference(account=account, number="30125", name='A "quoted, name')
    make.pin(conference=line, kind="moderator", digits="111111111")
    make.pin(conference=line, digits="333333333")
    return line


@pytest.fixture
def asterisk(line, key):
    return Asterisk(portal=in_process.ORIGIN, name="bridge1", key=key)


@pytest.mark.django_db(transaction=True)
def test_caller_mistypes_then_enters_as_moderator(live_server, line, key):
    asterisk = Asterisk(portal=live_server.url, name="bridge1", key=key)

    done = asterisk.call(NUMBER, keys=["999999999", "111111111*4711"])

    pin = line.pins.get(kind="moderator").pk
    assert done.heard == ["conf-getpin", "conf-invalidpin", "conf-getpin"]
    assert (done.room, done.menu) == ("30125", "accuconf_moderator_menu")
    assert done.events == [
        ("refused", "unknown"),
        ("pin", f"{pin}"),
        ("dialled", "18005550100"),
        ("role", "moderator"),
        ("code", "4711"),
        ("left", "HANGUP"),
    ]
    assert done.profiles == {
        "bridge,template": "accuconf_tones",
        "bridge,record_conference": "no",
        "bridge,record_file": "/recordings/30125_1788271290.18.wav",
        "user,template": "accuconf_moderator",
        "user,startmuted": "no",
        "user,wait_marked": "no",
        "user,announce_join_leave": "no",
    }
    admission = Admission.objects.get()
    assert (admission.call, admission.caller_number) == ("1788271290.18", "12125550123")


def test_participant_gets_the_options_of_the_conference(asterisk, line):
    for option in (
        "records_automatically",
        "mutes_on_entry",
        "waits_for_moderator",
        "announces_names",
    ):
        setattr(line, option, True)
    line.plays_entry_tones = False
    line.save()

    done = asterisk.call(NUMBER, keys=["333333333"], caller="anonymous")

    assert done.profiles == {
        "bridge,template": "accuconf_quiet",
        "bridge,record_conference": "yes",
        "bridge,record_file": "/recordings/30125_1788271290.18.wav",
        "user,template": "accuconf_participant",
        "user,startmuted": "yes",
        "user,wait_marked": "yes",
        "user,announce_join_leave": "yes",
    }


def test_caller_who_knows_no_pin_is_asked_three_times(asterisk):
    done = asterisk.call(NUMBER, keys=["9", "99", "999"])

    assert done.heard == ["conf-getpin", "conf-invalidpin"] * 3
    assert (done.room, done.hung_up) == ("", "21")
    assert "left" not in dict(done.events)


def test_right_pin_at_the_wrong_time_is_told_why(asterisk, line):
    line.pins.update(ends_at="2020-01-01T00:00Z")

    done = asterisk.call(NUMBER, keys=["111111111"])

    assert done.heard == ["conf-getpin", "accuconf/over"]
    assert done.events == [("refused", "over")]


@pytest.mark.parametrize("wrong", ["portal", "key"])
def test_nobody_comes_in_while_the_portal_does_not_answer(line, key, wrong):
    given = {"portal": in_process.ORIGIN, "key": key}
    asterisk = Asterisk(name="bridge1", **given | {wrong: NOWHERE})

    done = asterisk.call(NUMBER, keys=["111111111"])

    assert done.heard == ["conf-getpin", "please-try-call-later"]
    assert (done.room, done.hung_up) == ("", "41")


def test_what_an_earlier_answer_said_lets_nobody_in(asterisk):
    """The control of the line that clears it."""
    without = [
        (label, step)
        for label, step in asterisk.contexts["accuconf-call"]["_X."]
        if step != "Set(HASH(said,answer)=)"
    ]

    def lets_in_after_an_outage(steps):
        asterisk.contexts["accuconf-call"]["_X."] = [
            (None, "Set(HASH(said,answer)=enter)"),
            *steps,
        ]
        asterisk.globals["ACCUCONF_PORTAL"] = NOWHERE
        return asterisk.call(NUMBER, keys=["1"]).hung_up != "41"

    assert lets_in_after_an_outage(without)
    assert not lets_in_after_an_outage(asterisk_steps())


def asterisk_steps():
    return Asterisk(portal="", name="", key="").contexts["accuconf-call"]["_X."]


# The files themselves.


def read(name):
    """Read one of the files; raises for what stands there twice, or is no line of such a file."""
    parser = configparser.RawConfigParser(
        delimiters=["="], comment_prefixes=[";", "#"], inline_comment_prefixes=[";"]
    )
    parser.optionxform = str
    parser.read_string((FOLDER / name).read_text())
    return {section: dict(parser[section]) for section in parser.sections()}


FILES = [
    "accuconf.conf",
    "cdr.conf",
    "cel.conf",
    "cel_custom.conf",
    "confbridge.conf",
    "manager.conf",
]


@pytest.mark.parametrize("name", FILES)
def test_file_can_be_read(name):
    assert read(name)


def test_every_profile_and_menu_that_the_dialplan_names_is_there():
    dialplan = (FOLDER / "extensions.conf").read_text().replace("${ROLE}", "moderator")
    named = set(re.findall(r"accuconf_\w+", dialplan))

    assert named <= set(read("confbridge.conf"))


def test_every_global_that_the_dialplan_uses_is_set():
    used = set(re.findall(r"\$\{(ACCUCONF_\w+)", (FOLDER / "extensions.conf").read_text()))

    assert used - {"ACCUCONF_CALLED"} == set(read("accuconf.conf")["globals"])


def test_rooms_are_opened_only_after_the_portal_has_decided_or_dialled():
    dialplan = Asterisk(portal="", name="", key="").contexts

    opened = {
        context
        for context, extens in dialplan.items()
        for steps in extens.values()
        for _, step in steps
        if step.startswith("ConfBridge")
    }
    assert opened == {"accuconf-call", "accuconf-outdial"}


def test_records_hold_what_the_bill_needs():
    cel = read("cel.conf")["general"]

    assert (cel["enable"], cel["apps"]) == ("yes", "confbridge")
    assert {"BRIDGE_ENTER", "BRIDGE_EXIT", "HANGUP", "CHAN_END", "USER_DEFINED"} <= set(
        cel["events"].split(",")
    )
    assert read("cel_custom.conf")["accuconf.json"]["format"] == "json"
    assert read("cdr.conf")["general"]["ignorestatechanges"] == "yes"


def test_control_has_no_right_but_those_it_needs():
    manager = read("manager.conf")

    assert manager["general"]["webenabled"] == "no"
    assert manager["accuconf"]["deny"] == "0.0.0.0/0.0.0.0"
    rights = set(manager["accuconf"]["write"].split(","))
    assert rights == {"call", "reporting", "originate", "system"}
    assert manager["accuconf"]["read"] == "call"
