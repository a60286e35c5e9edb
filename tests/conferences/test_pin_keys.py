"""Changing the keys of PINs, while calls come in and PINs are added."""

import io

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command

from conferences.models import Pin
from conferences.services import digits, pin_keys
from conferences.services.pins import add_pin
from tests import make
from tests.conferences.test_new_pins import NOW, draws_are

OLD_SEAL, NEW_SEAL = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def under_old_keys(settings, conference):
    """Three PINs under the old keys, one of which rests and one is free; then the keys change."""
    settings.PIN_KEYS, settings.PIN_HASH_KEYS = [OLD_SEAL], ["old"]
    pins = [
        make.pin(conference=conference, digits="481516234"),
        make.pin(conference=conference, digits="902104815", removed_at=NOW),
        make.pin(conference=conference, digits="573920164", removed_at=NOW),
    ]
    Pin.objects.filter(pk=pins[2].pk).update(digest=None)
    settings.PIN_KEYS, settings.PIN_HASH_KEYS = [NEW_SEAL, OLD_SEAL], ["new", "old"]
    return pins


def drop_old_keys(settings):
    settings.PIN_KEYS, settings.PIN_HASH_KEYS = [NEW_SEAL], ["new"]


def rotate():
    said = io.StringIO()
    call_command("rotate_pin_keys", stdout=said)
    return said.getvalue().splitlines()


def test_pin_is_found_under_either_key_by_one_query(
    conference, under_old_keys, django_assert_num_queries
):
    newer = make.pin(conference=conference, digits="238461950")

    with django_assert_num_queries(2):
        assert Pin.objects.with_digits("481516234").get() == under_old_keys[0]
        assert Pin.objects.with_digits("238461950").get() == newer
    assert not Pin.objects.with_digits("902104815").exists()


def test_digits_under_the_old_key_are_not_given_again(conference, under_old_keys, monkeypatch):
    draws_are(monkeypatch, "481516234", "902104815", "573920164")

    assert add_pin(conference, "participant", now=NOW).digits == "573920164"


def test_without_the_old_key_they_would_be(conference, under_old_keys, monkeypatch, settings):
    """The control."""
    settings.PIN_HASH_KEYS = ["new"]
    draws_are(monkeypatch, "481516234")

    assert add_pin(conference, "participant", now=NOW).digits == "481516234"


def test_after_the_command_the_old_keys_can_be_dropped(under_old_keys, settings):
    assert rotate() == [
        "3 PINs: 3 renewed, 0 were so already.",
        "All but the first of PIN_KEYS and of PIN_HASH_KEYS can be dropped.",
    ]
    drop_old_keys(settings)

    kept = [(pin.digits, pin.digest is None) for pin in Pin.objects.order_by("pk")]
    assert kept == [("481516234", False), ("902104815", False), ("573920164", True)]
    assert Pin.objects.with_digits("481516234").get() == under_old_keys[0]
    assert digits.taken_among(["902104815"]) == {"902104815"}


def test_without_the_command_they_cannot(under_old_keys, settings):
    """The control."""
    drop_old_keys(settings)

    with pytest.raises(InvalidToken):
        under_old_keys[0].digits  # noqa: B018
    assert not Pin.objects.with_digits("481516234").exists()


def test_stopped_half_way_it_goes_on_where_it_was(under_old_keys, monkeypatch):
    monkeypatch.setattr(pin_keys, "BATCH", 1)
    next(pin_keys.renew_pins())

    assert rotate()[0] == "3 PINs: 2 renewed, 1 were so already."
    assert rotate()[0] == "3 PINs: 0 renewed, 3 were so already."


def test_pin_of_a_forgotten_key_is_named(under_old_keys, settings):
    settings.PIN_KEYS = [NEW_SEAL]

    with pytest.raises(CommandError, match=f"PIN {under_old_keys[0].pk} was sealed with a key"):
        rotate()
