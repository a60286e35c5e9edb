"""Recordings in the watched folder: a sound and its document, taken in or put away with why."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from conferences import tasks
from conferences.models import Recording
from conferences.services.recordings_folder import take_in_folder
from tests import make
from tests.recordings import FACTS, wav

NOW = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, account):
    make.conference(account=account, number=FACTS["conference"])
    return tmp_path


def hand_over(folder, name="one", sound=None, **facts):
    """Put a pair into the folder, by default one that is in order."""
    (folder / f"{name}.wav").write_bytes(wav(3) if sound is None else sound)
    document = FACTS | {"bridge": "bridge1", "file": f"{name}.wav"} | facts
    (folder / f"{name}.json").write_text(json.dumps(document))


def lying_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def test_pair_in_the_folder_is_taken_in_and_put_away(folder):
    hand_over(folder)

    outcomes = take_in_folder(folder, now=NOW)

    assert outcomes == {"accepted": 1, "duplicates": 0, "refused": 0}
    assert Recording.objects.get().bridge == "bridge1"
    assert lying_in(folder) == ["done/one.json", "done/one.wav"]


def test_sound_without_its_document_is_still_being_written(folder):
    (folder / "half.wav").write_bytes(wav()[:100])
    (folder / "half.json.part").write_text("{")

    assert take_in_folder(folder, now=NOW).total() == 0
    assert lying_in(folder) == ["half.json.part", "half.wav"]


def test_pair_that_comes_again_is_a_duplicate_and_overwrites_nothing(folder):
    for _ in range(2):
        hand_over(folder)
        outcomes = take_in_folder(folder, now=NOW)

    assert outcomes["duplicates"] == 1
    assert lying_in(folder) == [
        "done/one-2.json", "done/one-2.wav", "done/one.json", "done/one.wav",
    ]  # fmt: skip


def test_refused_pair_is_put_away_with_the_reason_and_can_come_back(folder, account):
    hand_over(folder, conference="30999")
    hand_over(folder, "two", sound=b"no sound", external_id="rec-2")
    take_in_folder(folder, now=NOW)
    reasons = [(folder / f"refused/{name}.reason.txt").read_text() for name in ("one", "two")]
    make.conference(account=account, number="30999")
    for suffix in ("wav", "json"):
        (folder / f"refused/one.{suffix}").rename(folder / f"one.{suffix}")

    outcomes = take_in_folder(folder, now=NOW)

    assert reasons == [
        "No conference has the number 30999.\n",
        "This is not a WAV, MP3 or Ogg file.\n",
    ]
    assert outcomes["accepted"] == 1


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "The document is no JSON"),
        ("[" * 50_000, "The document is no JSON"),
        ("[1]", "The document is no JSON object."),
        ('{"file": "\\ud800.wav"}', "The document is no JSON"),
        ("{}", "file: Name the sound"),
        ('{"file": "../secret.wav"}', "file: Name the sound"),
        ('{"file": "evil.json"}', "file: Name the sound"),
        ('{"file": "link.wav"}', "There is no file link.wav beside the document."),
        ('{"file": "one.wav"}', "bridge: Name the bridge"),
        ('{"file": "one.wav", "bridge": "b"}', "external_id: This field is required."),
    ],
)
def test_hostile_document_is_refused_and_reads_nothing_else(folder, document, reason):
    (folder / "link.wav").symlink_to("/etc/hostname")
    (folder / "one.wav").write_bytes(wav())
    (folder / "evil.json").write_text(document)

    outcomes = take_in_folder(folder, now=NOW)

    assert outcomes["refused"] == 1
    assert (folder / "refused/evil.reason.txt").read_text().startswith(reason)
    assert Recording.objects.count() == 0


def test_pair_that_cannot_be_read_waits_and_holds_up_no_other(folder, monkeypatch):
    hand_over(folder)
    hand_over(folder, "two", external_id="rec-2")
    opened = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, *mode: opened(path, *mode) if path.stem != "one" else busy()
    )

    assert take_in_folder(folder, now=NOW) == {
        "accepted": 1, "duplicates": 0, "refused": 0, "waiting": 1,
    }  # fmt: skip
    assert lying_in(folder) == ["done/two.json", "done/two.wav", "one.json", "one.wav"]


def test_one_process_at_a_time_works_on_the_folder(folder, monkeypatch):
    hand_over(folder)
    monkeypatch.setattr("fcntl.flock", busy)

    assert take_in_folder(folder, now=NOW).total() == 0


def busy(*_):
    raise BlockingIOError


def test_command_tells_what_became_of_them(folder, capsys):
    hand_over(folder)
    hand_over(folder, "two", conference="30999")

    call_command("take_in_recordings", str(folder))

    told = capsys.readouterr().out
    assert told.startswith("Recordings: 1 accepted, 0 duplicates, 1 refused.\n")


@pytest.mark.parametrize(("folder", "wrong"), [("", "Name a folder"), ("/nowhere", "No such file")])
def test_command_says_where_there_is_no_folder(folder, wrong):
    with pytest.raises(CommandError, match=wrong):
        call_command("take_in_recordings", folder)


def test_timetable_takes_in_from_the_folder_of_the_settings(folder, settings):
    hand_over(folder)
    tasks.take_in_recordings()
    assert Recording.objects.count() == 0

    settings.RECORDINGS_FOLDER = str(folder)
    tasks.take_in_recordings()
    tasks.sweep_recordings()

    assert Recording.objects.present().count() == 1
