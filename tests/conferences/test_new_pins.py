"""New PINs: nobody chose them, nobody has them, nobody guesses them first."""

import datetime as dt

import pytest
from django.db import IntegrityError

from conferences.models import Pin
from conferences.services import pins
from conferences.services.pins import add_pin, draw_digits, is_guessable
from tests import make

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("digits", ["777712905", "129034567", "129098760", "890129876"])
def test_runs_are_guessable(digits):
    assert is_guessable(digits)


@pytest.mark.parametrize("digits", ["481516234", "777129058", "112233445", "901290129"])
def test_other_digits_are_not(digits):
    assert not is_guessable(digits)


def test_drawn_digits_are_nine_and_not_guessable():
    for _ in range(200):
        digits = draw_digits()
        assert len(digits) == 9
        assert digits.isdecimal()
        assert not is_guessable(digits)


def test_new_pin_can_be_looked_up(conference):
    pin = add_pin(conference, Pin.Kind.SPEAKER, now=NOW, holder_name="Ana")

    assert Pin.objects.active().get(digest=pin.digest) == pin
    assert (pin.kind, pin.holder_name, pin.created_at) == ("speaker", "Ana", NOW)


@pytest.mark.parametrize("removed_at", [None, NOW])
def test_digits_in_use_or_resting_are_drawn_again(conference, monkeypatch, removed_at):
    make.pin(conference=conference, digits="481516234", removed_at=removed_at)
    draws = iter(["481516234", "481516234", "902104815"])
    monkeypatch.setattr(pins, "draw_digits", lambda: next(draws))

    pin = add_pin(conference, Pin.Kind.PARTICIPANT, now=NOW)

    assert pin.digits == "902104815"


def test_digits_are_not_drawn_for_ever(conference, monkeypatch):
    make.pin(conference=conference, digits="481516234")
    draws = iter(["481516234"] * 20)
    monkeypatch.setattr(pins, "draw_digits", lambda: next(draws))

    with pytest.raises(IntegrityError, match="pin_is_unique_over_the_bridge"):
        add_pin(conference, Pin.Kind.PARTICIPANT, now=NOW)

    assert list(draws) == []


def test_other_digits_mend_no_other_refusal(conference, monkeypatch):
    draws = iter(["481516234", "902104815"])
    monkeypatch.setattr(pins, "draw_digits", lambda: next(draws))

    with pytest.raises(IntegrityError, match="holder_name"):
        add_pin(conference, Pin.Kind.PARTICIPANT, now=NOW, holder_name=None)

    assert list(draws) == ["902104815"]
