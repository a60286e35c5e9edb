"""Removing PINs, putting them back, replacing and revealing them, and the rest of their digits."""

import datetime as dt

import pytest

from accounts.actors import Actor
from accounts.models import AuditEntry
from conferences.models import Pin
from conferences.models.pin import PinState
from conferences.services import pins
from tests import make

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def by(admin):
    return Actor(user=admin)


@pytest.fixture
def pin(conference):
    return make.pin(
        conference=conference, digits="481516234", holder_name="Ana", maximum_uses=5,
        starts_at=NOW - DAY, ends_at=NOW + DAY,
    )  # fmt: skip


def log():
    return [(entry.verb, entry.subject) for entry in AuditEntry.objects.order_by("pk")]


def test_removed_pin_lets_nobody_in(pin, by):
    pins.remove_pin(pin, by=by, now=NOW)
    pins.remove_pin(pin, by=by, now=NOW + HOUR)

    assert not Pin.objects.with_digits("481516234").exists()
    assert Pin.objects.get().removed_at == NOW
    assert log() == [("removed", "PIN Ana (Participant)")]


def test_pin_is_put_back_for_a_day(pin, by):
    pins.remove_pin(pin, by=by, now=NOW)

    pins.restore_pin(pin, by=by, now=NOW + DAY - HOUR)
    pins.restore_pin(pin, by=by, now=NOW + DAY)

    assert Pin.objects.with_digits("481516234").get() == pin
    assert log()[1:] == [("restored", "PIN Ana (Participant)")]


@pytest.mark.parametrize("later", [DAY, 200 * DAY])
def test_after_a_day_it_is_too_late(pin, by, later):
    pins.remove_pin(pin, by=by, now=NOW)

    with pytest.raises(pins.TooLateToRestore):
        pins.restore_pin(pin, by=by, now=NOW + later)


def test_pin_whose_digits_are_given_free_is_not_put_back(pin, by):
    pins.remove_pin(pin, by=by, now=NOW)
    Pin.objects.update(digest=None)

    with pytest.raises(pins.TooLateToRestore):
        pins.restore_pin(pin, by=by, now=NOW)


def test_pin_of_a_closed_conference_is_neither_put_back_nor_replaced(pin, by):
    other = make.pin(conference=pin.conference)
    pins.remove_pin(pin, by=by, now=NOW)
    type(pin.conference).objects.update(closed_at=NOW)

    with pytest.raises(pins.ConferenceClosed):
        pins.restore_pin(pin, by=by, now=NOW)
    with pytest.raises(pins.ConferenceClosed):
        pins.replace_pin(other, by=by, now=NOW)


def test_replaced_pin_is_the_same_but_for_its_digits(pin, by):
    new = pins.replace_pin(pin, by=by, now=NOW)

    old = Pin.objects.get(pk=pin.pk)
    kept = ("kind", "holder_name", "starts_at", "ends_at", "maximum_uses", "conference_id")
    assert [getattr(new, name) for name in kept] == [getattr(pin, name) for name in kept]
    assert (old.removed_at, new.removed_at, new.created_at) == (NOW, None, NOW)
    assert new.digits != old.digits
    assert log() == [("replaced", "PIN Ana (Participant)")]


def test_pin_is_replaced_once(pin, by):
    pins.replace_pin(pin, by=by, now=NOW)

    with pytest.raises(pins.PinRemoved):
        pins.replace_pin(pin, by=by, now=NOW)

    assert Pin.objects.active().count() == 1


def test_each_reveal_is_in_the_log(pin, by):
    assert pins.reveal_pin(pin, by=by, now=NOW) == "481516234"

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject) == ("revealed", "PIN Ana (Participant)")
    assert entry.after == {"conference": str(pin.conference)}


def test_many_are_revealed_by_one_entry_that_names_them(pin, by):
    nameless = make.pin(conference=pin.conference, kind="speaker", digits="902104815")

    shown = pins.reveal_pins(pin.conference, [pin, nameless], by=by, now=NOW)

    assert shown == [(pin, "481516234"), (nameless, "902104815")]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject) == ("revealed PINs of", f"Conference {pin.conference}")
    assert entry.after == {"PINs": ["Ana (Participant)", f"{nameless.pk} (Speaker)"]}


def test_digits_rest_for_180_days(pin, by):
    pins.remove_pin(pin, by=by, now=NOW)
    free_at = NOW + 180 * DAY

    too_early = pins.release_rested_pins(now=free_at - dt.timedelta(microseconds=1))
    on_the_day = pins.release_rested_pins(now=free_at)
    again = pins.release_rested_pins(now=free_at + DAY)

    assert (too_early, on_the_day, again) == (0, 1, 0)
    make.pin(conference=pin.conference, digits="481516234")


def test_active_pins_are_never_given_free(pin):
    assert pins.release_rested_pins(now=NOW + 9999 * DAY) == 0


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, PinState.WORKS),
        ({"starts_at": NOW}, PinState.WORKS),
        ({"starts_at": NOW + HOUR}, PinState.WAITS),
        ({"ends_at": NOW + HOUR}, PinState.WORKS),
        ({"ends_at": NOW}, PinState.ENDED),
        ({"maximum_uses": 2}, PinState.WORKS),
        ({"maximum_uses": 1}, PinState.USED_UP),
    ],
)
def test_state_tells_whether_it_lets_anybody_in(conference, fields, state):
    made = make.pin(conference=conference, **fields)
    made.admissions.create(bridge=make.bridge(), call="1", admitted_at=NOW)

    pin = conference.pins.with_uses().get()

    assert (pin.uses, pin.state_at(NOW)) == (1, state)
