"""The kinds of value that the file knows: each reader checks one and returns it as Python's."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Choices, Field

from accuconf.moving_in.reading import NotAccepted

EARLIEST = dt.date(1980, 1, 1)
LATEST = dt.date(2100, 12, 31)
#: Unicode's control characters and lone surrogates: no name holds them, and no database takes all.
UNWRITABLE = {"Cc", "Cs"}


def text(value: Any) -> str:
    """Read text on one line, without the spaces around it."""
    if not isinstance(value, str):
        raise NotAccepted("must be text, in quotes")
    if not value.isprintable() and any(unicodedata.category(sign) in UNWRITABLE for sign in value):
        raise NotAccepted("must not hold control characters or line breaks")
    return value.strip()


def fits(field: Field) -> Callable[[Any], str]:
    """Return a reader of text that the model field `field` accepts."""

    def reader(value):
        checked = text(value)
        if checked == "" and not field.blank:
            raise NotAccepted("must not be empty")
        try:
            field.clean(checked, None)
        except ValidationError as error:
            sentence = " ".join(error.messages)
            raise NotAccepted(f"is not accepted. {sentence}") from error
        return checked

    return reader


def matches(pattern: str, sentence: str) -> Callable[[Any], str]:
    """Return a reader of text of the form `pattern`, which `sentence` says in words."""

    def reader(value):
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise NotAccepted(sentence)
        return value

    return reader


def one_of(choices: type[Choices]) -> Callable[[Any], str]:
    """Return a reader of one of the values of `choices`."""

    def reader(value):
        if not isinstance(value, str) or value not in choices.values:
            raise NotAccepted(f"must be one of {', '.join(choices.values)}")
        return value

    return reader


def yes_or_no(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise NotAccepted("must be true or false")
    return value


def whole(least: int, most: int) -> Callable[[Any], int]:
    """Return a reader of whole numbers from `least` to `most`."""

    def reader(value):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise NotAccepted(f"must be a whole number from {least} to {most}")
        return value

    return reader


def day(value: Any) -> dt.date:
    """Read a day, written YYYY-MM-DD."""
    sentence = f"must be a day from {EARLIEST} to {LATEST}, written YYYY-MM-DD"
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise NotAccepted(sentence)
    try:
        read = dt.date.fromisoformat(value)
    except ValueError as error:
        raise NotAccepted(sentence) from error
    if not EARLIEST <= read <= LATEST:
        raise NotAccepted(sentence)
    return read


def clock_time(value: Any) -> dt.time:
    """Read a time of day, written HH:MM."""
    if not isinstance(value, str) or not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise NotAccepted("must be a time of day, written HH:MM")
    return dt.time.fromisoformat(value)


def rate(value: Any) -> Decimal:
    """Read a rate per minute: text, so that no digit is lost, with at most six decimals."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value):
        raise NotAccepted('must be a rate in quotes with at most six decimals, such as "0.049000"')
    return Decimal(value)
