"""A feed of any kind may come in any order, repeated and in pieces: the end is the same."""

import datetime as dt
import functools
import tempfile
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conferences.models import CallFile, Channel
from conferences.services.call_files import SETTLED_AFTER, assemble_legs, take_in_files
from tests import make
from tests.conferences.call_tables import stored
from tests.conferences.feeds import FEEDS
from tests.plugins.full import at_length
from tests.undoing import undone

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
KINDS = pytest.mark.parametrize("kind", FEEDS)
KEEP_FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
PLACES = st.integers(0, 10_000)


@st.composite
def deliveries(draw, records):
    """Lists of records: all of `records`, some again, in any order and cut anywhere."""
    again = draw(st.lists(st.sampled_from(records), max_size=10))
    draw(st.randoms(use_true_random=False)).shuffle(feed := [*records, *again])
    cuts = sorted(draw(PLACES) % (len(feed) + 1) for _ in range(draw(st.integers(0, 4))))
    return [feed[start:end] for start, end in pairwise([0, *cuts, len(feed)])]


@pytest.fixture
def lines(account):
    for number in ("18005550100", "30125"):
        make.dial_in_number(number=number)
    for number in ("30125", "30126"):
        make.conference(account=account, number=number)


def outcome(feed, pieces, *, together=False):
    """Deliver the pieces, and return what is stored then, and what became of the records."""
    with undone(), tempfile.TemporaryDirectory() as folder:
        paths = feed.write(folder, pieces)
        for some in [paths] if together else [[path] for path in paths]:
            take_in_files(some, now=NOW, origin=feed.origin)
            assemble_legs(now=NOW)
        brought = CallFile.objects.values_list("accepted", "duplicates", "quarantined")
        counts = [sum(column) for column in zip(*brought, strict=True)]
        assemble_legs(now=NOW + SETTLED_AFTER)
        assert not Channel.objects.waiting().exists()
        state = stored()
    return state, counts


@functools.cache
def in_peace(kind):
    """What the whole feed, told once in its own order, comes to."""
    return outcome(FEEDS[kind], [FEEDS[kind].records])


def prove(kind, pieces, together):
    feed = FEEDS[kind]
    expected, (accepted, _, quarantined) = in_peace(kind)

    state, counts = outcome(feed, pieces, together=together)

    assert state == expected
    assert sum(counts) == sum(map(len, pieces))
    assert counts[0] == accepted
    assert counts[2] >= quarantined


@KINDS
@settings(
    max_examples=at_length(short=12, full=1_100), deadline=None, suppress_health_check=KEEP_FIXTURES
)
@given(data=st.data(), together=st.booleans())
def test_a_feed_may_come_shuffled_repeated_and_in_pieces(lines, kind, data, together):
    prove(kind, data.draw(deliveries(FEEDS[kind].records)), together)


@KINDS
def test_the_proof_sees_a_record_that_is_lost(lines, kind):
    """The control: one record less is another state, wherever it is told of."""
    feed = FEEDS[kind]
    lost = [record for record in feed.records if record != feed.records[4]]

    state, counts = outcome(feed, [lost])

    expected, whole = in_peace(kind)
    assert sum(counts) == sum(whole) - 1
    if kind == "table":
        assert state != expected
