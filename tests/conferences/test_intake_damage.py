"""Whatever a file holds, taking it in raises nothing, and its records add up."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conferences.models import CallFile, ChannelReport, Leg, QuarantinedRecord
from conferences.records import formats, intake
from tests import make
from tests.conferences.call_tables import write_table
from tests.plugins.full import at_length
from tests.undoing import undone

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
FIXTURES = Path(__file__).parent / "fixtures"
SWITCH, REPORT = next(FIXTURES.glob("5f2d*.xml")), next(FIXTURES.glob("*.json"))
NASTY = [
    b"\0",
    b'"',
    b"\n",
    b",",
    b"\xff",
    b"<!",
    b"&#x85;",
    b"\\ud800",
    b"9999-12-31T23:59:59-23:59",
    b"0001",
]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    rows = [{"leg_id": f"l-{n}", "caller_name": 'a\n"b"'} for n in range(3)]
    table = write_table(tmp_path_factory.mktemp("samples") / "calls.csv", rows)
    return [(path.name, path.read_bytes()) for path in (table, SWITCH, REPORT)]


def stored_records():
    return Leg.objects.count() + ChannelReport.objects.count()


@settings(
    max_examples=at_length(short=30, full=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_damaged_file_comes_in_or_is_quarantined(account, samples, tmp_path_factory, data):
    name, content = data.draw(st.sampled_from(samples))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        cut = at + data.draw(st.integers(0, 40))
        content = content[:at] + data.draw(st.sampled_from(NASTY)) + content[cut:]
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(content)

    with undone():
        make.conference(account=account, number="30125")
        make.dial_in_number(number="18005550100")
        total = intake.take_in([path], now=NOW)
        assert stored_records() == total.accepted
        assert CallFile.objects.get().records == total.records
        for record in QuarantinedRecord.objects.all():
            intake.retry(record, now=NOW)
        assert stored_records() == total.accepted

    assert total.records == len(list(formats.read(path).records))
