"""Recordings end at their time, or when a customer deletes them, and never while they are held."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry
from conferences.recordings.storage import recordings_storage
from conferences.services.retention import (
    RecordingGone,
    RecordingHeld,
    delete_recording,
    hold,
    release,
    sweep_recordings,
)
from tests import make
from tests.pages import sign_in

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
