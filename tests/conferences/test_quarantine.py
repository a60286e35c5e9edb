"""What waits in quarantine: kept once, taken in again when its cause is mended."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from conferences.models import Leg, QuarantinedRecord, Session
from conferences.records import intake
from tests import make
from tests.conferences.call_tables import stored, write_tables

FIXTURES = Path(__file__).parent / "fixtures"
USUAL = FIXTURES / "5f2d1a52-1f7c-4a7e-9d0b-2f9c6b1f0e11.cdr.xml"
HOSTILE = FIXTURES / "hostile-7a1e.cdr.xml"
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
def line(account):
    make.dial_in_number(number="18005550100")
    return make.conference(account=account, number="30125")


def take_in(folder, *tables):
    return intake.take_in(write_tables(folder, *tables), now=NOW)


def test_a_mended_cause_lets_the_record_in(tmp_path, line, account):
    file = tmp_path / USUAL.name
    shutil.copy(USUAL, file)
    file.write_text(file.read_text().replace("<name>30125<", "<name>30777<"))
    intake.take_in([file], now=NOW)
    waiting = QuarantinedRecord.objects.waiting()
    assert [record.reason for record in waiting] == ["unknown_conference"] * 4
    make.conference(account=account, number="30777")

    for record in QuarantinedRecord.objects.waiting():
        assert intake.retry(record, now=NOW).accepted == 1

    assert QuarantinedRecord.objects.waiting().count() == 0
    assert Session.objects.get().legs.count() == 4
    assert intake.take_in([file], now=NOW).duplicates == 4


def test_a_retry_before_the_cause_is_mended_keeps_the_record_with_the_reason_of_now(tmp_path, line):
    take_in(tmp_path, [{"conference": "99999", "dialled_number": "1900"}])
    line.number = "99999"
    line.save()

    total = intake.retry(QuarantinedRecord.objects.get(), now=NOW)

    assert total.quarantined == 1
    record = QuarantinedRecord.objects.get()
    assert (record.reason, record.released_at) == ("unknown_number", None)


def test_what_cannot_be_read_stays_as_it_is(tmp_path, line):
    take_in(tmp_path, [{"caller_name": "x\0y"}])
    intake.take_in([HOSTILE], now=NOW)
    before = stored()

    for record in QuarantinedRecord.objects.all():
        assert intake.retry(record, now=NOW).quarantined == 1

    assert stored() == before
    assert Leg.objects.count() == 0


def test_a_file_that_comes_again_releases_what_it_now_brings_in(tmp_path, line, account):
    tables = [{"conference": "99999"}]
    take_in(tmp_path, tables)
    make.conference(account=account, number="99999")

    take_in(tmp_path, tables)

    assert Leg.objects.count() == 1
    assert QuarantinedRecord.objects.waiting().count() == 0


def test_the_same_bad_record_is_kept_once(tmp_path, line):
    bad = {"conference": "99999"}

    first = take_in(tmp_path, [bad, bad])
    second = take_in(tmp_path, [{}, bad])

    assert (first.quarantined, second.quarantined) == (2, 1)
    assert QuarantinedRecord.objects.count() == 1
