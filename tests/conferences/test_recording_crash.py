"""Recordings taken in at once, and taken in or ended in a process that is killed at every point."""

import datetime as dt
import io
import os
import signal

import pytest
from django.db import connection

from accounts.models import AuditEntry
from conferences.models import Conference, IncomingFile, Recording
from conferences.recordings.storage import recordings_storage
from conferences.services.recordings import Told, TookTooLong, take_in
from conferences.services.retention import sweep_recordings
from tests import kill_points, make
from tests.children import fork, run_together, wait
from tests.plugins.full import at_length
from tests.recordings import wav

RECEIVED = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)
END = RECEIVED + dt.timedelta(days=365)


@pytest.fixture
def on_disk(settings, tmp_path):
    """Recordings below a folder of this test's own, which its children see too."""
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "conferences.recordings.storage.OnDisk",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


@pytest.mark.django_db(transaction=True)
def test_two_at_once_keep_one_recording(on_disk):
    make.conference(account=make.account(), number="30125")

    run_together(take_in_one, take_in_one, take_in_one)
    sweep_recordings(now=RECEIVED + dt.timedelta(days=2))

    (kept,) = files_in(on_disk)
    assert kept == on_disk / Recording.objects.get().file.name


def files_in(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def take_in_one(visit=None):
    if visit is not None:
        kill_points.install(visit)
    told = Told(external_id="rec-1", conference_number="30125", started_at=RECEIVED)
    take_in(io.BytesIO(wav()), told, bridge="bridge1", now=RECEIVED)


def end_it(visit=None):
    if visit is not None:
        kill_points.install(visit)
    sweep_recordings(now=END)


def count_points(work, note):
    """Run `work` unharmed in a child, and return how many points it passes."""

    def counted():
        labels = []
        work(kill_points.Counter(report_to=labels))
        note.write_text(str(len(labels)))

    assert wait(fork(counted)) == 0
    return int(note.read_text())


@pytest.mark.django_db(transaction=True)
def test_intake_killed_anywhere_loses_nothing_and_leaves_nothing(on_disk, tmp_path_factory):
    make.conference(account=make.account(), number="30125")
    points = count_points(take_in_one, tmp_path_factory.mktemp("note") / "points")
    assert points > 10

    for number in range(1, points + 1, at_length(short=4, full=1)):
        clear(on_disk)
        killed = wait(fork(lambda n=number: take_in_one(kill_points.Counter(kill_at=n))))
        take_in_one()
        with recordings_storage().open(Recording.objects.get().file.name) as file:
            kept = file.read()
        sweep_recordings(now=END + dt.timedelta(days=2))

        assert (killed, kept) == (-signal.SIGKILL, wav()), number
        assert IncomingFile.objects.count() == 0, number
        assert files_in(on_disk) == [], number  # the sweep ended the recording too


@pytest.mark.django_db(transaction=True)
def test_end_killed_anywhere_is_finished_by_the_next_sweep(on_disk, tmp_path_factory):
    make.conference(account=make.account(), number="30125")
    take_in_one()
    points = count_points(end_it, tmp_path_factory.mktemp("note") / "points")

    for number in range(1, points + 1, at_length(short=4, full=1)):
        clear(on_disk)
        take_in_one()
        wait(fork(lambda n=number: end_it(kill_points.Counter(kill_at=n))))
        half_done = Recording.objects.present().exists() and not files_in(on_disk)
        end_it()

        assert not half_done, f"played without a file, killed at {number}"
        assert Recording.objects.get().file == ""
        assert files_in(on_disk) == []
        assert AuditEntry.objects.filter(verb="deleted at its end").count() == 1


def clear(folder):
    """Forget every recording, so that one can be killed at another point."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE conferences_recording, conferences_incomingfile, accounts_auditentry"
        )
    for file in files_in(folder):
        os.unlink(file)


def test_control_a_file_without_its_announcement_would_be_left(conference, on_disk, monkeypatch):
    """The control: what the killed intake would leave behind, were it not announced."""
    monkeypatch.setattr(IncomingFile.objects, "create", lambda **_: None)
    Conference.objects.update(number="30125")
    with pytest.raises(TookTooLong):  # nothing to claim
        take_in_one()

    sweep_recordings(now=END + dt.timedelta(days=2))

    assert len(files_in(on_disk)) == 1
