"""Whatever a file holds, its reader yields records or reasons, all of which can be stored."""

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conferences.models import CallFile
from conferences.records import cel, formats
from conferences.records.leg import LegRecord, Unreadable
from conferences.records.origin import Origin
from conferences.services.call_files import assemble_legs, take_in_files
from tests.conferences.feeds import FEEDS
from tests.conferences.test_freeswitch_records import SESSION, usual_conference
from tests.conferences.test_master_records import ASTERISK
from tests.conferences.test_master_records import CAPTURED as CAPTURED_FILES
from tests.plugins.full import at_length
from tests.undoing import undone

NOW = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)
#: A file of each kind, by its name: what it holds, and where it comes from.
FILES = {
    f"{SESSION}.cdr.xml": (usual_conference().encode(), Origin()),
    "calls.csv": (
        (FEEDS["table"].head + "\n".join(FEEDS["table"].records[:3])).encode(), Origin()
    ),
    "Master.csv": ((CAPTURED_FILES / "Master.ignorestatechanges.csv").read_bytes(), ASTERISK),
    "cel.jsonl": ("\n".join(FEEDS["events"].records[44:56]).encode(), ASTERISK),
}  # fmt: skip
KINDS = pytest.mark.parametrize("name", FILES)
#: What has a meaning of its own to one reader or another.
SIGNS = st.sampled_from(
    [b'"', b'""', b",", b"\n", b"\r", b"\0", b"<", b"&#0;", b"{", b"}", b"[" * 99, b"\\ud800",
     b"\\u0000", b"\xff", b"\xef\xbb\xbf", b"1e999", b"NaN", b"9" * 30, b"-", b";accuconf {}"]
)  # fmt: skip


@st.composite
def damaged(draw, content):
    """Return `content` with one to four places cut out and overwritten."""
    content = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        cut = draw(st.integers(0, 40))
        content[at : at + cut] = draw(st.one_of(st.binary(max_size=10), SIGNS))
    return bytes(content)


def prove_readable(name, content):
    _, origin = FILES[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        if name.endswith("jsonl"):
            kinds, records = cel.EventRecord, list(cel.read(path))
        else:
            kinds, records = LegRecord, list(formats.read(path, origin).records)
    assert all(isinstance(record, kinds | Unreadable) for record in records)


def prove_storable(name, content):
    """Every record that is read is counted once, and no other."""
    _, origin = FILES[name]
    with undone(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        is_log = formats.holds_events(path, origin)
        read = cel.read(path) if is_log else formats.read(path, origin).records
        number = len(list(read))
        counts = take_in_files([path], now=NOW, origin=origin)
        assert (counts.records, CallFile.objects.get().records) == (number, number)
        assemble_legs(now=NOW + dt.timedelta(days=2))


@KINDS
@settings(max_examples=at_length(short=50, full=2_000), deadline=None)
@given(data=st.data())
def test_a_damaged_file_yields_records_or_reasons(name, data):
    prove_readable(name, data.draw(damaged(FILES[name][0])))


@KINDS
@settings(
    max_examples=at_length(short=8, full=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_what_a_damaged_file_yields_can_be_stored(db, name, data):
    prove_storable(name, data.draw(damaged(FILES[name][0])))
