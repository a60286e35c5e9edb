"""The script that brings a bridge's records to the portal loses none, whatever goes wrong."""

import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone

from conferences.models import Recording
from conferences.services.bridges import make_key
from tests import make
from tests.recordings import wav

SCRIPT = Path("deploy/bridge/accuconf-push").resolve()
LINE = b'{"eventtype":"HANGUP"}\n'

pytestmark = pytest.mark.urls("tests.conferences.bridge_urls")


@pytest.fixture
def push(live_server, transactional_db, tmp_path):
    """Runs the script over the folder `tmp_path`, with the key of bridge1 unless told otherwise."""
    key = make_key(make.bridge(name="bridge1"), now=timezone.now())

    def run(*arguments, key=key, portal=live_server.url):
        return subprocess.run(
            [sys.executable, SCRIPT, tmp_path, *arguments],
            env={
                "PATH": os.environ["PATH"],
                "ACCUCONF_PORTAL": portal,
                "ACCUCONF_BRIDGE": "bridge1",
                "ACCUCONF_KEY": key,
            },
            capture_output=True,
            text=True,
        )

    return run


def leave(file, content, *, seconds_ago=60):
    file.write_bytes(content)
    os.utime(file, (time.time() - seconds_ago,) * 2)


def names(folder):
    return sorted(file.name for file in folder.iterdir() if file.is_file() and file.name != ".lock")


def test_records_are_sent_signed_oldest_first_and_put_away(push, tmp_path):
    leave(tmp_path / "a.cdr.json", b"{}", seconds_ago=60)
    leave(tmp_path / "b é.cdr.xml", b"<cdr/>", seconds_ago=90)
    leave(tmp_path / "long.cdr.xml", b"<cdr>" + b" " * 2_000_000, seconds_ago=30)
    leave(tmp_path / "still written.cdr.json", b"{", seconds_ago=0)
    leave(tmp_path / "notes.txt", b"none of ours")

    done = push()

    assert (done.returncode, done.stderr) == (0, "")
    assert [entry[:3] for entry in cache.get("kept")] == [
        ("bridge1", "b é.cdr.xml", "application/xml"),
        ("bridge1", "a.cdr.json", "application/json"),
        ("bridge1", "long.cdr.xml", "application/xml"),
    ]
    assert names(tmp_path / "sent") == ["a.cdr.json", "b é.cdr.xml", "long.cdr.xml"]
    assert names(tmp_path) == ["notes.txt", "still written.cdr.json"]


def test_lines_are_collected_and_sent_in_whole_lines(push, tmp_path):
    lines = LINE * 100_000
    (tmp_path / "log").mkdir()
    leave(tmp_path / "log" / "accuconf.json", lines)

    push("--collect", tmp_path / "log" / "accuconf.json")

    bodies = [body for _, _, _, body in cache.get("kept")]
    assert len(bodies) > 1
    assert all(body.endswith(b"}\n") for body in bodies)
    assert b"".join(bodies) == lines
    assert names(tmp_path / "log") == []


def test_nothing_moves_while_the_portal_takes_nothing(push, tmp_path):
    leave(tmp_path / "a.cdr.json", b"{}")
    runs = [push(portal="http://127.0.0.1:1"), push(key="another")]
    for status in (429, 503):
        cache.set("answer", status)
        runs.append(push())

    assert [run.returncode for run in runs] == [1, 1, 1, 1]
    assert "503" in runs[-1].stderr
    assert names(tmp_path) == ["a.cdr.json"]


def test_what_is_refused_for_good_makes_room_for_the_rest(push, tmp_path):
    leave(tmp_path / "a.cdr.json", b"{}")
    cache.set("answer", 413)

    done = push()

    assert done.returncode == 0
    assert "a.cdr.json is refused: 413" in done.stderr
    assert names(tmp_path / "refused") == ["a.cdr.json"]


UUID = "5f2d1a52-1f7c-4a7e-9d0b-2f9c6b1f0e11"


@pytest.mark.parametrize(
    ("name", "session", "started_at"),
    [
        (f"30125_{UUID}.wav", UUID, "2026-03-10 15:03:57"),
        ("30125_1773154800.12-1773154810.wav", "", "2026-03-10 15:00:10"),
        ("30125_20260310T150020Z.wav", "", "2026-03-10 15:00:20"),
        ("30125_20260310T150020Z-1773154821.wav", "", "2026-03-10 15:00:21"),
    ],
    ids=["FreeSWITCH", "Asterisk", "moderator", "moderator on Asterisk"],
)
def test_recordings_are_brought_by_what_their_names_tell(
    push, account, tmp_path, name, session, started_at
):
    folder = tmp_path / "recordings"
    folder.mkdir()
    conference = make.conference(account=account, number="30125")
    ended_at = dt.datetime(2026, 3, 10, 15, 4, tzinfo=dt.UTC)
    for file in (name, "30125_still-spoken-1773154810.wav"):
        leave(folder / file, wav(3), seconds_ago=time.time() - ended_at.timestamp())
    os.utime(folder / "30125_still-spoken-1773154810.wav")

    done = push("--recordings", folder)

    assert (done.returncode, done.stderr) == (0, "")
    kept = Recording.objects.get()
    assert (kept.conference, kept.bridge, kept.external_id) == (conference, "bridge1", name)
    assert (kept.session_external_id, f"{kept.started_at:%Y-%m-%d %H:%M:%S}") == (
        session, started_at,
    )  # fmt: skip
    assert names(folder) == ["30125_still-spoken-1773154810.wav"]


def test_a_recording_stays_on_the_bridge_until_the_portal_has_it(push, account, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    make.conference(account=account, number="30125")
    for name in ("30125_a-1773154810.wav", "999_a-1773154810.wav", "party.wav"):
        leave(folder / name, wav(), seconds_ago=90)

    away = push("--recordings", folder, portal="http://127.0.0.1:1")
    assert (away.returncode, len(names(folder))) == (1, 3)
    done = push("--recordings", folder)

    assert names(folder) == []
    assert names(folder / "refused") == ["999_a-1773154810.wav", "party.wav"]
    assert "No conference has the number 999" in done.stderr
    assert "its name does not tell the conference" in done.stderr
