"""Every leg leads to its source: the file as it came, by its hash, and the record in it."""

import datetime as dt
import gzip
import hashlib
from pathlib import Path

import pytest

from accounts.models import AuditEntry
from conferences.models import CallFile, ChannelReport, Leg
from conferences.records import intake, raw
from tests import make
from tests.conferences.call_tables import write_tables
from tests.pages import sign_in

FIXTURES = Path(__file__).parent / "fixtures"
CONFERENCE = next(FIXTURES.glob("5f2d*.cdr.xml"))
REPORT = next(FIXTURES.glob("*.cdr.json"))
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.usefixtures("own_call_files")


@pytest.fixture
def line(account):
    make.dial_in_number(number="18005550100")
    return make.conference(account=account, number="30125")


@pytest.fixture
def leg(line, tmp_path):
    rows = [{"leg_id": f"l-{n}", "caller_name": f'"{n}"\nof many'} for n in range(3)]
    intake.take_in(write_tables(tmp_path, rows), now=NOW)
    return Leg.objects.get(external_id="l-1")


def test_every_leg_and_report_leads_to_its_own_record(line):
    intake.take_in([CONFERENCE, REPORT], now=NOW)

    for held in Leg.objects.all():
        joined, channel = held.joined_at, held.external_id.split("/")[1]
        source = raw.raw_record(held)
        assert source.startswith('<member type="caller">')
        assert f">{joined.timestamp():.0f}</join_time>" in source
        assert f"<uuid>{channel}</uuid>" in source
    assert raw.raw_record(ChannelReport.objects.get()) == REPORT.read_text()


def test_a_leg_of_a_table_leads_to_its_line(leg):
    assert raw.raw_record(leg).splitlines()[1:] == [
        'of many",18005550100,inbound,false,hung_up,'
    ]  # fmt: skip


def test_files_are_kept_as_they_came_once(line):
    intake.take_in([CONFERENCE, CONFERENCE], now=NOW)

    sha256 = hashlib.sha256(CONFERENCE.read_bytes()).hexdigest()
    assert set(CallFile.objects.values_list("sha256", flat=True)) == {sha256}
    kept = raw.place_of(sha256)
    assert gzip.decompress(kept.read_bytes()) == CONFERENCE.read_bytes()
    assert kept.relative_to(kept.parents[1]).as_posix() == f"{sha256[:2]}/{sha256}.gz"


def test_many_files_are_kept_at_once(tmp_path):
    files = [tmp_path / f"{n}" for n in range(2 * raw.MANY + 2)]
    for n, file in enumerate(files):
        file.write_text(f"many {n // 2}")

    with raw.Keeper() as keeper:
        kept = [raw.place_of(keeper.keep(file)) for file in files]
        assert len(keeper.parts) == len(files) // 2
        keeper.settle()

    assert [gzip.decompress(place.read_bytes()) for place in kept] == [
        file.read_bytes() for file in files
    ]


def test_a_file_that_changes_while_it_is_kept_is_not_kept(tmp_path, monkeypatch):
    file = tmp_path / "calls.csv"
    file.write_text("one")
    copy = raw._copy

    def copy_and_see_more(source, target):
        file.write_text("one and more")
        return copy(source, target)

    monkeypatch.setattr(raw, "_copy", copy_and_see_more)
    place = raw.place_of(hashlib.sha256(b"one").hexdigest())

    with pytest.raises(OSError, match="still being written"), raw.Keeper() as keeper:
        keeper.keep(file)

    assert not place.exists()
    assert not list(place.parent.glob(".*"))


@pytest.mark.parametrize(
    "damage",
    [b"", b"nothing packed", gzip.compress(b"another", mtime=0), None],
    ids=["empty", "not packed", "another", "gone"],
)
def test_a_damaged_file_is_not_shown(leg, damage):
    place = raw.place_of(leg.call_file.sha256)
    place.write_bytes(place.read_bytes()[:-9] if damage is None else damage)

    with pytest.raises(raw.NotKept, match="damaged"):
        raw.raw_record(leg)


def test_a_missing_file_says_so(leg):
    raw.place_of(leg.call_file.sha256).unlink()

    with pytest.raises(raw.NotKept, match="not among those"):
        raw.raw_record(leg)


def test_staff_download_a_file_as_it_came_and_that_is_logged(client, staff, line):
    intake.take_in([CONFERENCE], now=NOW)
    call_file = CallFile.objects.get()
    sign_in(client, staff)
    page = client.get(f"/staff/conferences/callfile/{call_file.pk}/change/").content.decode()
    address = f"/staff/conferences/callfile/{call_file.pk}/content/"

    response = client.get(address)

    assert f'href="{address}"' in page
    assert b"".join(response.streaming_content) == CONFERENCE.read_bytes()
    assert response["Content-Disposition"] == f'attachment; filename="{CONFERENCE.name}"'
    assert AuditEntry.objects.latest("pk").verb == "downloaded"
    assert client.get("/staff/conferences/callfile/999999/content/").status_code == 404


def test_staff_are_told_where_a_file_is_damaged(client, staff, line):
    intake.take_in([REPORT], now=NOW)
    call_file, report = CallFile.objects.get(), ChannelReport.objects.get()
    sign_in(client, staff)
    page = f"/staff/conferences/channelreport/{report.pk}/change/"
    assert "core-uuid" in client.get(page).content.decode()
    raw.place_of(call_file.sha256).write_bytes(b"")

    response = client.get(f"/staff/conferences/callfile/{call_file.pk}/content/", follow=True)

    assert "The kept file is damaged" in response.content.decode()
    assert "The kept file is damaged" in client.get(page).content.decode()
    assert AuditEntry.objects.filter(verb="downloaded").count() == 0
