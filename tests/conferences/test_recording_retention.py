"""Recordings end at their time, or when a customer deletes them, and never while they are held."""

import datetime as dt
import io
import os
import signal

import pytest
from django.db import connection
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry
from conferences.models import Conference, IncomingFile, Recording
from conferences.recordings.storage import recordings_storage
from conferences.services.recordings import Told, take_in
from conferences.services.retention import (
    RecordingGone,
    RecordingHeld,
    delete_recording,
    hold,
    release,
    sweep_recordings,
)
from tests import kill_points, make
from tests.children import fork, wait
from tests.pages import sign_in
from tests.recordings import wav

STAFF = Actor(label="Stefan Staff")
RECEIVED = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)
END = RECEIVED + dt.timedelta(days=365)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def recording(conference):
    return make.recording(conference=conference, received_at=RECEIVED)


def verbs():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_recording_ends_365_days_after_it_came_and_its_file_goes(recording, account):
    name = recording.file.name
    sweep_recordings(now=END - SECOND)
    assert recordings_storage().exists(name)

    done = sweep_recordings(now=END)

    assert (done["recordings ended"], done["recordings' files removed"]) == (1, 1)
    recording.refresh_from_db()
    assert (recording.deleted_at, recording.file) == (END, "")
    assert not recordings_storage().exists(name)
    entry = AuditEntry.objects.get()
    assert (entry.verb, str(entry.actor_label)) == ("deleted at its end", "Retention")
    assert entry.account == account
    assert sweep_recordings(now=END).total() == 0


def test_held_recording_outlives_its_end_until_it_is_released(recording):
    hold(recording, by=STAFF, now=RECEIVED)
    hold(recording, by=STAFF, now=RECEIVED)
    assert sweep_recordings(now=END)["recordings ended"] == 0

    release(recording, by=STAFF, now=END)

    assert sweep_recordings(now=END)["recordings ended"] == 1
    assert verbs() == ["held", "released", "deleted at its end"]


def test_nobody_deletes_what_is_held(recording, admin):
    hold(recording, by=STAFF, now=RECEIVED)

    with pytest.raises(RecordingHeld):
        delete_recording(recording, by=Actor(user=admin), now=RECEIVED)


def test_what_is_gone_cannot_be_held_and_is_deleted_once(recording, admin):
    for days in (0, 1):
        now = RECEIVED + dt.timedelta(days=days)
        deleted = delete_recording(recording, by=Actor(user=admin), now=now)

    assert deleted.deleted_at == RECEIVED
    assert verbs() == ["deleted"]
    with pytest.raises(RecordingGone):
        hold(recording, by=STAFF, now=RECEIVED)


def test_staff_hold_and_release_in_the_back_office(client, staff, recording, account):
    gone = make.recording(conference=recording.conference, deleted_at=RECEIVED)
    sign_in(client, staff)
    page = reverse("admin:conferences_recording_changelist")

    def act(name):
        chosen = {"action": name, "_selected_action": [recording.pk, gone.pk]}
        return client.post(page, chosen, follow=True).content.decode()

    told = act("hold")
    recording.refresh_from_db()
    assert recording.is_held
    assert "1 recording is held." in told
    assert "1 recording was deleted before." in told
    act("release")
    recording.refresh_from_db()
    assert not recording.is_held
    entries = AuditEntry.objects.order_by("pk").values_list("verb", "account", "actor")
    assert list(entries) == [(verb, account.pk, staff.pk) for verb in ("held", "released")]
    detail = reverse("admin:conferences_recording_change", args=[recording.pk])
    assert client.get(detail).status_code == 200


# --- Killed anywhere ---------------------------------------------------------------------------


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

    for number in range(1, points + 1):
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

    for number in range(1, points + 1):
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
    with pytest.raises(Exception, match="rec-1"):  # nothing to claim
        take_in_one()

    sweep_recordings(now=END + dt.timedelta(days=2))

    assert len(files_in(on_disk)) == 1
