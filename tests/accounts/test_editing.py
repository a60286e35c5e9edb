"""The fingerprint that tells whether something has changed meanwhile."""

import datetime as dt

from accounts.editing import fingerprint


def test_same_values_have_the_same_fingerprint_in_any_order():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})


def test_each_difference_shows():
    values = [{}, {"a": 1}, {"a": "1"}, {"a": None}, {"b": 1}, {"a": dt.date(2026, 1, 1)}]

    assert len({fingerprint(one) for one in values}) == len(values)
