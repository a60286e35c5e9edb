"""Bridges post their records: each is safe on disk before it is answered for, then taken in."""

import base64
import datetime as dt
import fcntl
import io
import json
import os
import signal
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connections

from conferences.models import CallFile, ChannelEvent, ChannelReport, Leg, QuarantinedRecord
from conferences.records import spool
from conferences.records.intake import Intake
from conferences.services.bridges import make_key
from conferences.tasks import take_in_spool
from tests import make
from tests.conferences.call_tables import write_table
from tests.conferences.channel_reports import SESSION
from tests.conferences.test_joined_legs import REN, report_of, write_conference

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
REPORT = json.dumps(report_of(REN, caller_name="Renée + co")).encode()


@pytest.fixture(autouse=True)
def spool_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR / "spool"


@pytest.fixture
def bridge(account):
    make.dial_in_number(number="18005550100")
    make.conference(account=account, number="30125")
    return make.bridge(name="bridge1")


@pytest.fixture
def post(client, bridge):
    """Post a body as `bridge`, and return the answer."""
    key = make_key(bridge, now=NOW)

    def post(body, kind="application/json", address="/bridge/records/", **headers):
        headers = {"Authorization": f"Bearer {key}", **headers}
        return client.post(address, body, content_type=kind, headers=headers)

    return post


def waiting(folder):
    return sorted(path.name for path in folder.glob("*/[!.]*"))


FORM = "application/x-www-form-urlencoded"
BASE64 = "application/x-www-form-base64-encoded"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (REPORT, "application/json; charset=utf-8"),
        (b"cdr=" + quote(REPORT).encode(), FORM),
        (b"cdr=" + base64.encodebytes(REPORT), BASE64),
    ],
    ids=["json", "form", "base64"],
)
def test_each_form_of_a_report_comes_in_as_the_same(post, body, kind):
    response = post(body, kind, f"/bridge/records/?uuid={REN.uuid}")

    assert (response.status_code, response.content) == (200, b"Kept.\n")
    assert spool.take_in_spool(now=NOW) == Intake(accepted=1)
    assert ChannelReport.objects.get().channel == f"bridge1/{REN.uuid}"
    name = CallFile.objects.get().name
    assert name == f"{CallFile.objects.get().sha256}.{REN.uuid}.cdr.json"


def test_the_digits_that_a_caller_keyed_in_are_never_kept(post, spool_folder):
    document = report_of(REN, digits_dialed="314159265", supplied_pin="271828182%23")

    post(json.dumps(document).encode())

    [kept] = spool_folder.glob("*/[!.]*")
    document["variables"] |= {"digits_dialed": "", "supplied_pin": ""}
    assert json.loads(kept.read_bytes()) == document


def test_whole_files_come_in_and_join(post, tmp_path, spool_folder):
    conference = write_conference(tmp_path, REN).read_bytes()
    table = write_table(tmp_path / "calls.csv", [{"bridge": "bridge1"}]).read_bytes()

    assert post(REPORT).status_code == 200
    named = {"X-File-Name": f"/var/log/{SESSION}.cdr.xml"}
    assert post(conference, "application/xml", **named).status_code == 200
    assert post(table, "text/csv", "/bridge/records/?name=../calls").status_code == 200

    assert spool.take_in_spool(now=NOW) == Intake(accepted=3)
    assert Leg.objects.count() == 2
    assert waiting(spool_folder) == []


def test_the_same_body_twice_is_one_file(post, spool_folder):
    post(REPORT)
    post(REPORT)

    assert len(waiting(spool_folder)) == 1


def test_what_nobody_can_read_is_kept_and_quarantined(post):
    assert post(b"cdr=%%%", BASE64).status_code == 200
    assert post(b"{", "application/json").status_code == 200

    assert spool.take_in_spool(now=NOW) == Intake(quarantined=2)
    raws = QuarantinedRecord.objects.values_list("raw", flat=True)
    assert sorted(raws) == ["cdr=%%%", "{"]


def test_a_bridge_reports_on_no_other(client, bridge, account):
    key = make_key(make.bridge(name="bridge2"), now=NOW)

    client.post(
        "/bridge/records/", REPORT, content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )  # fmt: skip

    assert spool.take_in_spool(now=NOW) == Intake(quarantined=1)
    detail = QuarantinedRecord.objects.get().detail
    assert detail == "It names the bridge bridge1, but bridge2 handed it in."


def test_nobody_else_may_post(client, post, spool_folder):
    assert client.post("/bridge/records/", REPORT, "application/json").status_code == 401
    assert not spool_folder.exists()


def test_what_cannot_be_kept_is_refused_in_words(post, client, settings, spool_folder):
    settings.RECORDS_MAX_BYTES = 10
    key = make_key(make.bridge(), now=NOW)

    assert post(b"x" * 11).status_code == 413
    assert post(b"x", "image/png").status_code == 415
    assert post(b"x", **{"Content-Length": "0"}).status_code == 400
    assert post(b"x", **{"Content-Length": "many"}).status_code == 411
    assert post(b"x", **{"Content-Length": "9" * 5_000}).status_code == 411
    assert (
        client.get("/bridge/records/", headers={"Authorization": f"Bearer {key}"}).status_code
        == 405
    )
    assert not spool_folder.exists()


class BrokenOff(io.BytesIO):
    """What a web server gives whose client went away."""

    def read(self, *_):
        raise ConnectionResetError


@pytest.mark.parametrize("arrived", [io.BytesIO(b"cdr=%7"), BrokenOff()], ids=["half", "lost"])
def test_half_a_body_is_never_kept(client, bridge, spool_folder, arrived):
    headers = {"Authorization": f"Bearer {make_key(bridge, now=NOW)}"}

    response = client.generic(
        "POST", "/bridge/records/", REPORT, "application/json", headers=headers,
        **{"wsgi.input": arrived},
    )  # fmt: skip

    assert response.status_code == 400
    assert not spool_folder.exists()


def test_bridges_are_told_to_wait_while_too_much_waits(post, settings, spool_folder):
    settings.RECORDS_MOST_WAITING = 2
    assert [post(f"{n}".encode()).status_code for n in range(2)] == [200, 200]

    response = post(b"3")

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert len(waiting(spool_folder)) == 2
    take_in_spool()
    assert post(b"3").status_code == 200


def test_a_sweep_leaves_the_spool_to_one_that_is_at_it(post, spool_folder):
    post(REPORT)

    with (spool_folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert spool.take_in_spool(now=NOW) == Intake()

    assert spool.take_in_spool(now=NOW) == Intake(accepted=1)


def test_what_is_still_being_written_is_left(post, spool_folder):
    post(REPORT)
    [written] = spool_folder.glob("*/[!.]*")
    written.rename(written.with_name(".half"))

    assert spool.take_in_spool(now=NOW) == Intake()
    assert not spool.is_full()


@pytest.mark.django_db(transaction=True)
def test_a_sweep_killed_before_it_removed_what_it_took_in_doubles_nothing(post, spool_folder):
    post(REPORT)
    connections.close_all()
    child = os.fork()
    if child == 0:
        spool.Path.unlink = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        spool.take_in_spool(now=NOW)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert (ChannelReport.objects.count(), len(waiting(spool_folder))) == (1, 1)

    assert spool.take_in_spool(now=NOW) == Intake(duplicates=1)

    assert (ChannelReport.objects.count(), waiting(spool_folder)) == (1, [])


def test_a_log_of_channel_events_is_taken_in_as_this_bridge_s(post):
    log = (Path(__file__).parent / "captured" / "cel.jsonl").read_bytes()

    assert post(log, "application/x-ndjson").status_code == 200
    counts = spool.take_in_spool(now=NOW)

    assert (counts.accepted, counts.quarantined) == (84, 0)
    assert set(ChannelEvent.objects.values_list("bridge", flat=True)) == {"bridge1"}
