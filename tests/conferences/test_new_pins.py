"""New PINs: nobody chose them, nobody has them, nobody guesses them first."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile
from accounts.models import AuditEntry
from conferences.models import Pin
from conferences.services import digits
from conferences.services.digits import NoFreeDigits, draw_digits, is_guessable
from conferences.services.pins import ConferenceClosed, NewPin, add_pin, add_pins, newest_of
from tests import make
from tests.children import run_together

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
def by(admin):
    return Actor(user=admin)


def draws_are(monkeypatch, *drawn):
    """Let the lot fall on these digits, and return those that are still to come."""
    draws = iter(drawn)
    monkeypatch.setattr(digits, "draw_digits", lambda: next(draws))
    return draws


@pytest.mark.parametrize("guessable", ["777712905", "129034567", "129098760", "890129876"])
def test_runs_are_guessable(guessable):
    assert is_guessable(guessable)


@pytest.mark.parametrize("other", ["481516234", "777129058", "112233445", "901290129"])
def test_other_digits_are_not(other):
    assert not is_guessable(other)


def test_drawn_digits_are_nine_and_not_guessable():
    for _ in range(200):
        drawn = draw_digits()
        assert len(drawn) == 9
        assert drawn.isdecimal()
        assert not is_guessable(drawn)


def test_new_pin_is_found_by_its_digits(conference):
    pin = add_pin(conference, Pin.Kind.SPEAKER, now=NOW, holder_name="Ana")

    assert Pin.objects.with_digits(pin.digits).get() == pin
    assert (pin.kind, pin.holder_name, pin.created_at) == ("speaker", "Ana", NOW)


@pytest.mark.parametrize("removed_at", [None, NOW])
def test_digits_in_use_or_resting_are_drawn_again(conference, monkeypatch, removed_at):
    make.pin(conference=conference, digits="481516234", removed_at=removed_at)
    draws_are(monkeypatch, "481516234", "481516234", "902104815")

    pin = add_pin(conference, Pin.Kind.PARTICIPANT, now=NOW)

    assert pin.digits == "902104815"


def test_digits_are_not_drawn_for_ever(conference, monkeypatch):
    make.pin(conference=conference, digits="481516234")
    draws = draws_are(monkeypatch, *["481516234"] * 20)

    with pytest.raises(NoFreeDigits):
        add_pin(conference, Pin.Kind.PARTICIPANT, now=NOW)

    assert list(draws) == []


def test_several_pins_never_get_the_same_digits(conference, monkeypatch):
    draws_are(monkeypatch, "481516234", "481516234", "902104815")

    pins = add_pins(conference, [NewPin(kind="participant")] * 2, by=None, now=NOW)

    assert {pin.digits for pin in pins} == {"481516234", "902104815"}


def test_other_digits_mend_no_other_refusal(conference, monkeypatch):
    draws = draws_are(monkeypatch, "481516234", "902104815")

    with pytest.raises(IntegrityError, match="holder_name"):
        add_pin(conference, Pin.Kind.PARTICIPANT, now=NOW, holder_name=None)

    assert list(draws) == ["902104815"]


def test_log_tells_everything_of_a_new_pin_but_its_digits(conference, by):
    until = NOW + dt.timedelta(days=1)

    pin = add_pin(
        conference, "participant", by=by, now=NOW, holder_name="Ana", ends_at=until, maximum_uses=5
    )

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject, entry.account) == (
        "added", "PIN Ana (Participant)", conference.account,
    )  # fmt: skip
    assert entry.after == {
        "conference": str(conference),
        "kind": "participant",
        "holder_name": "Ana",
        "ends_at": str(until),
        "maximum_uses": 5,
    }
    assert pin.digits not in str(entry.after)


def test_pin_that_comes_with_a_new_conference_is_told_with_that(conference):
    add_pin(conference, "moderator", now=NOW)

    assert AuditEntry.objects.count() == 0


def test_closed_conference_gets_no_pin(account, by):
    closed = make.conference(account=account, closed_at=NOW)

    with pytest.raises(ConferenceClosed):
        add_pin(closed, "participant", by=by, now=NOW)

    assert Pin.objects.count() == 0


def test_many_pins_take_as_many_queries_as_two(conference, by, django_assert_num_queries):
    for wanted in (2, 300):
        with django_assert_num_queries(10):
            add_pins(conference, [NewPin(kind="speaker")] * wanted, by=by, now=NOW)

    assert Pin.objects.count() == AuditEntry.objects.count() == 302


def test_a_list_that_is_sent_twice_is_added_once(conference, by):
    seen = newest_of(conference)
    wanted = [NewPin(kind="participant", holder_name="Ana")]
    add_pins(conference, wanted, by=by, now=NOW, newest_seen=seen)

    with pytest.raises(ChangedMeanwhile):
        add_pins(conference, wanted, by=by, now=NOW, newest_seen=seen)

    assert conference.pins.count() == 1


@pytest.fixture
def drawn_at_once(transactional_db, monkeypatch, settings):
    """Let two draw the same digits at the same moment, and return those that they then have."""
    taken_among = digits.taken_among

    def taken_a_moment_ago(drawn):
        found = taken_among(drawn)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")  # in which the other one stores theirs
        return found

    def add_under(keys):
        line = make.conference(account=make.account())

        def add():
            settings.PIN_HASH_KEYS = keys
            draws_are(monkeypatch, "481516234", "902104815")
            add_pin(line, "participant", now=NOW)

        return add

    def run(*keys):
        monkeypatch.setattr(digits, "taken_among", taken_a_moment_ago)
        run_together(*(add_under(each) for each in keys))
        return sorted(pin.digits for pin in Pin.objects.all())

    return run


@pytest.mark.parametrize("keys", [(["one"], ["one"]), (["new", "old"], ["old", "new"])])
def test_two_who_draw_the_same_at_once_get_different_digits(drawn_at_once, keys):
    assert drawn_at_once(*keys) == ["481516234", "902104815"]


def test_under_two_keys_they_would_not_but_for_the_lock(drawn_at_once, monkeypatch):
    """The control."""
    monkeypatch.setattr(digits, "hold_digits", lambda: None)

    assert drawn_at_once(["new", "old"], ["old", "new"]) == ["481516234", "481516234"]
