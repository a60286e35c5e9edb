"""Moving in: whatever the file holds, there is an answer and never a crash."""

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accuconf.moving_in.taking_in import NotOurFormat, document_of, take_in
from tests.accuconf.customers_file import put, whole_file

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db

ANY_TEXT = st.text(max_size=30) | st.sampled_from(["\ud800", "x\u0000", "2026-01-01", "USD"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=10,
)


def places(value, way=()):
    """Yield the place of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    for key, inner in inside:
        yield (*way, key)
        yield from places(inner, (*way, key))


ANYWHERE = st.sampled_from(list(places(whole_file())))


@given(place=ANYWHERE, value=ANY_JSON)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_anything_anywhere_in_the_file_has_an_answer(place, value):
    spoilt = whole_file()
    put(spoilt, place, value)

    report = take_in(spoilt, now=NOW)

    assert report.refused or report.taken_in or report.there_already or not spoilt["accounts"]


@given(document=st.dictionaries(st.sampled_from(["accounts", "rate_plans"]) | ANY_TEXT, ANY_JSON))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_object_has_an_answer(document):
    take_in(document, now=NOW)


@given(content=st.binary() | ANY_JSON.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(content):
    try:
        document = document_of(content)
    except NotOurFormat:
        return
    assert isinstance(document, dict)
