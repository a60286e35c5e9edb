"""Guessing PINs is slowed down, by caller and by the number they dial."""

import datetime as dt
import logging

import pytest

from accounts.models import AuditEntry
from conferences.entering import Entry, Reason, Refusal
from conferences.services.entering import KNOWN_FOR, admit
from conferences.services.lock_outs import CALLER, DIALLED, WITHHELD
from tests import make

NOW = dt.datetime(2026, 4, 1, 12, 0, 30, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(seconds=CALLER.seconds)
LOCKED_OUT = Refusal(Reason.LOCKED_OUT)
OWNER, STRANGER = "12125550123", "13125550199"


@pytest.fixture
def bridge(conference):
    make.pin(conference=conference, digits="111")
    return make.bridge(name="bridge1")


def ask(bridge, digits, *, caller=STRANGER, dialled="18005550100", now=NOW):
    return admit(
        digits,
        bridge=bridge,
        call=f"call of {caller}",
        caller_number=caller,
        dialled_number=dialled,
        now=now,
    )


def guess(bridge, times, *, callers=None, dialled="18005550100"):
    """Key in so many wrong PINs; each from another number where `callers` is given."""
    return [
        ask(bridge, "999", caller=f"{callers}{number:04}" if callers else STRANGER, dialled=dialled)
        for number in range(times)
    ]


def is_let_in(outcome):
    return isinstance(outcome, Entry)


def test_caller_is_locked_out_after_so_many_wrong_pins_even_with_the_right_one(bridge):
    outcomes = guess(bridge, CALLER.tries + 1)

    assert outcomes == [Refusal(Reason.UNKNOWN)] * CALLER.tries + [LOCKED_OUT]
    assert ask(bridge, "111") == LOCKED_OUT
    assert is_let_in(ask(bridge, "111", caller=OWNER))
    assert is_let_in(ask(bridge, "111", now=LATER))


def test_lock_on_a_caller_holds_on_every_bridge(bridge):
    guess(bridge, CALLER.tries)

    assert ask(make.bridge(), "111") == LOCKED_OUT


@pytest.mark.parametrize("form", ["+{}", "tel:+{}", "+1 (312) 555-0199", "{};\r\n"])
def test_lock_on_a_caller_holds_however_their_number_is_written(bridge, form):
    guess(bridge, CALLER.tries)

    assert ask(bridge, "111", caller=form.format(STRANGER)) == LOCKED_OUT


def test_right_pin_forgives_no_wrong_one(bridge):
    guess(bridge, CALLER.tries - 1)

    assert is_let_in(ask(bridge, "111"))
    guess(bridge, 1)
    assert ask(bridge, "111") == LOCKED_OUT


def test_keying_in_nothing_counts_for_nothing(bridge):
    for _ in range(CALLER.tries + 1):
        ask(bridge, "")

    assert is_let_in(ask(bridge, "111"))


@pytest.mark.parametrize("withheld", ["", "anonymous", "0000000000"])
def test_callers_who_withhold_their_number_share_a_count_per_bridge(bridge, withheld):
    for _ in range(WITHHELD.tries):
        ask(bridge, "999", caller="anonymous")

    assert ask(bridge, "111", caller=withheld) == LOCKED_OUT
    assert is_let_in(ask(bridge, "111", caller=OWNER))
    assert is_let_in(ask(make.bridge(), "111", caller=withheld))


def test_besieged_number_opens_only_to_who_was_in_that_conference_lately(bridge):
    ask(bridge, "111", caller=OWNER)

    guess(bridge, DIALLED.tries, callers="1415555")

    assert ask(bridge, "111", caller=STRANGER) == LOCKED_OUT
    assert ask(bridge, "999", caller=STRANGER) == LOCKED_OUT
    assert ask(bridge, "111", caller="anonymous") == LOCKED_OUT
    assert is_let_in(ask(bridge, "111", caller=OWNER))
    assert is_let_in(ask(bridge, "111", caller=STRANGER, dialled="16175550100"))


def test_who_was_in_another_conference_or_long_ago_is_a_stranger(bridge, account):
    make.pin(conference=make.conference(account=account), digits="222")
    ask(bridge, "222", caller=OWNER)
    ask(bridge, "111", caller=OWNER, now=NOW - KNOWN_FOR)

    guess(bridge, DIALLED.tries, callers="1415555")

    assert ask(bridge, "111", caller=OWNER) == LOCKED_OUT


def test_staff_are_told_once_and_no_pin_is_told(bridge, caplog):
    with caplog.at_level(logging.WARNING):
        guess(bridge, CALLER.tries + 3)

    (entry,) = AuditEntry.objects.all()
    assert (entry.account, entry.actor_label, entry.verb, entry.subject) == (
        None, "bridge1", "locked out", f"Caller {STRANGER}",
    )  # fmt: skip
    assert entry.after == {
        "because": "wrong PINs of a caller",
        "wrong PINs": CALLER.tries,
        "within minutes": 15,
        "dialled number": "18005550100",
    }
    (line,) = [record.getMessage() for record in caplog.records]
    assert STRANGER in line
    assert "999" not in line.replace(STRANGER, "") + str(entry.after)
