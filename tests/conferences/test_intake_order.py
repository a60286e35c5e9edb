"""Records that contradict each other: their order in a file, and files together, change nothing."""

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conferences.models import CallFile
from conferences.records import intake
from tests import make
from tests.conferences.call_tables import stored, write_tables
from tests.plugins.full import at_length
from tests.undoing import undone

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
KEEP_FIXTURES = [HealthCheck.function_scoped_fixture]

#: Records that contradict each other: few names, and several tellings of each.
ANY_ROW = st.fixed_dictionaries(
    {
        "session_id": st.sampled_from(["s-1", "s-2"]),
        "leg_id": st.sampled_from(["l-1", "l-2", "l-3"]),
        "conference": st.sampled_from(["30125", "30125", "30126", "99999"]),
        "left_at": st.sampled_from(["", "2026-09-01T14:30:00Z", "2026-09-01T14:40:00Z"]),
    }
)


@pytest.fixture
def lines(account):
    make.dial_in_number(number="18005550100")
    for number in ("30125", "30126"):
        make.conference(account=account, number=number)


def outcome(*handfuls):
    """Take in each handful of tables after the other; return what is stored then."""
    with undone(), tempfile.TemporaryDirectory() as folder:
        for tables in handfuls:
            intake.take_in(write_tables(Path(folder), *tables), now=NOW)
        return stored()


def counts(*handfuls):
    with undone(), tempfile.TemporaryDirectory() as folder:
        for tables in handfuls:
            intake.take_in(write_tables(Path(folder), *tables), now=NOW)
        files = CallFile.objects.order_by("pk")
        return list(files.values_list("accepted", "duplicates", "quarantined"))


@settings(
    max_examples=at_length(short=8, full=40), deadline=None, suppress_health_check=KEEP_FIXTURES
)
@given(rows=st.lists(ANY_ROW, max_size=6), data=st.data())
def test_the_order_of_records_inside_a_file_never_matters(lines, rows, data):
    shuffled = data.draw(st.permutations(rows))

    assert outcome([rows]) == outcome([shuffled])


@settings(
    max_examples=at_length(short=8, full=40), deadline=None, suppress_health_check=KEEP_FIXTURES
)
@given(tables=st.lists(st.lists(ANY_ROW, max_size=4), max_size=4))
def test_files_together_end_as_one_after_the_other(lines, tables):
    one_by_one = [[table] for table in tables]

    assert outcome(tables) == outcome(*one_by_one)
    assert counts(tables) == counts(*one_by_one)


@settings(
    max_examples=at_length(short=5, full=40), deadline=None, suppress_health_check=KEEP_FIXTURES
)
@given(tables=st.lists(st.lists(ANY_ROW, max_size=4), max_size=3))
def test_whatever_came_coming_again_changes_nothing(lines, tables):
    assert outcome(tables, tables) == outcome(tables)
    assert [sum(counted) for counted in counts(tables, tables)] == [*map(len, tables)] * 2
