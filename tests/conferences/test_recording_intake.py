"""Recordings come in whole, once, and never half, and find the call that they are of."""

import datetime as dt
import io

import pytest
from django.http import UnreadablePostError
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import AuditEntry
from conferences.bridge.recordings import recording_upload
from conferences.models import IncomingFile, Recording
from conferences.recordings.storage import recordings_storage
from conferences.services import recordings
from conferences.services.bridges import make_key
from conferences.services.recordings import Told, TookTooLong, join_sessions, take_in
from tests import make
from tests.recordings import FACTS, wav

NOW = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def conference(account):
    return make.conference(account=account, name="Weekly meeting", number="30125")


@pytest.fixture
def key(conference):
    return make_key(make.bridge(name="bridge1"), now=timezone.now())


@pytest.fixture
def upload(client, key):
    """Uploads a recording, by default one that is in order; returns status and answer."""

    def send(sound=None, **facts):
        response = client.post(
            "/bridge/recordings/",
            wav(3) if sound is None else sound,
            content_type="application/octet-stream",
            query_params=FACTS | facts,
            headers={"Authorization": f"Bearer {key}"},
        )
        return response.status_code, response.json()

    return send


def told(**facts):
    defaults = {"external_id": "rec-1", "conference_number": "30125", "started_at": NOW}
    return Told(**defaults | facts)


def test_uploaded_recording_is_kept_with_what_its_bytes_tell(upload, conference):
    assert upload()[0] == 201

    kept = Recording.objects.get()
    assert (kept.conference, kept.bridge, kept.seconds) == (conference, "bridge1", 3)
    assert (kept.content_type, kept.size) == ("audio/wav", len(wav(3)))
    assert kept.started_at == dt.datetime(2026, 3, 10, 15, tzinfo=dt.UTC)
    assert kept.keep_until - kept.received_at == dt.timedelta(days=365)
    assert recordings_storage().open(kept.file.name).read() == wav(3)
    assert IncomingFile.objects.count() == 0
    entry = AuditEntry.objects.get()
    assert (entry.actor_label, entry.verb) == ("Bridge bridge1", "took in")


def test_the_same_upload_again_is_a_duplicate(upload):
    first, again = upload(), upload()

    assert [first[0], again[0]] == [201, 200]
    assert again[1] == {"outcome": "duplicate", "sha256": first[1]["sha256"]}
    assert Recording.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"sound": wav(2)}, {"started_at": "2026-03-10T10:00:01-05:00"}, {"session": "s2"}]
)
def test_other_content_under_the_same_name_is_kept_out(upload, other):
    upload()

    assert upload(**other)[0] == 409
    assert Recording.objects.get().size == len(wav(3))


def test_two_bridges_may_use_the_same_name(conference):
    for bridge in ("bridge1", "bridge2"):
        take_in(io.BytesIO(wav()), told(), bridge=bridge, now=NOW)

    assert Recording.objects.count() == 2


def test_deleted_recording_does_not_come_back(upload):
    upload()
    Recording.objects.update(deleted_at=NOW, file="")

    assert upload()[0] == 200
    assert Recording.objects.present().count() == 0


@pytest.mark.parametrize(
    ("facts", "status", "reason"),
    [
        ({"conference": "39999"}, 422, "No conference has the number 39999."),
        ({"external_id": ""}, 422, "external_id: This field is required."),
        ({"external_id": "a\0b"}, 422, "external_id: Null characters are not allowed."),
        ({"started_at": "2026-03-10T10:00:00"}, 422, "started_at: Write an instant with its"
         " offset, such as 2026-11-03T14:05:00-05:00."),
        ({"started_at": "2099-01-01T00:00:00Z"}, 422, "It starts in the future."),
        ({"seconds": "-1"}, 422,
         "seconds: Ensure this value is greater than or equal to 0."),
        ({"sound": b"<html>"}, 415, "This is not a WAV, MP3 or Ogg file."),
        ({"sound": b"OggS" + bytes(20)}, 422,
         "Tell its length as “seconds”: only a WAV file tells it itself."),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_the_reason(upload, facts, status, reason):
    assert upload(**facts) == (status, {"outcome": "refused", "reason": reason})
    assert Recording.objects.count() == IncomingFile.objects.count() == 0


def test_ogg_is_kept_with_the_length_that_is_told(upload):
    assert upload(b"OggS" + bytes(20), seconds="90")[0] == 201
    assert Recording.objects.get().seconds == 90


def test_longer_than_the_limit_is_refused_before_it_is_read(upload, settings):
    settings.RECORDING_MAX_BYTES = 1000

    assert upload()[0] == 413


@pytest.mark.parametrize(
    ("body", "length", "status"),
    [
        (io.BytesIO(wav()), str(len(wav()) + 1), 400),
        (io.BytesIO(wav()), "", 411),
        (io.BytesIO(wav()), "1" * 5_000, 411),
        (io.BytesIO(wav()), "٣", 411),
    ],
)
def test_body_that_ends_early_or_tells_no_length_is_refused(key, body, length, status):
    assert posted(key, body, length).status_code == status
    assert Recording.objects.count() == 0


def test_body_that_breaks_off_is_refused(key):
    class Broken:
        def read(self, *args):
            raise UnreadablePostError

    assert posted(key, Broken(), "100").status_code == 400


def posted(key, body, length):
    """Upload by a body that need not be what its length says."""
    request = RequestFactory().post(
        "/",
        query_params=FACTS,
        content_type="audio/wav",
        headers={"Authorization": f"Bearer {key}"},
    )
    request.META["CONTENT_LENGTH"] = length
    request._stream = body
    return recording_upload(request)


def test_upload_needs_a_key(client):
    assert client.post("/bridge/recordings/").status_code == 401


def test_recording_joins_its_session_whichever_comes_first(upload, conference):
    first = make.session(conference=conference)
    upload(session=first.external_id)
    upload(external_id="rec-2", session="comes-later")
    upload(external_id="rec-3", session="of-another-conference")
    later = make.session(conference=conference)
    elsewhere = make.session(conference=make.conference(account=conference.account))
    rename(later, "comes-later")
    rename(elsewhere, "of-another-conference")

    joined = join_sessions()

    assert joined == 1
    sessions = Recording.objects.order_by("external_id").values_list("session", flat=True)
    assert list(sessions) == [first.pk, later.pk, None]


@pytest.mark.parametrize("comes_first", ["recording", "session"])
def test_recording_of_an_unnamed_session_joins_the_one_that_was_held(
    upload, conference, comes_first
):
    began = dt.datetime(2026, 3, 10, 15, tzinfo=dt.UTC)

    def held():
        for bridge, line, minutes in (
            ("bridge1", conference, -30),
            ("bridge2", conference, 0),
            ("bridge1", make.conference(account=conference.account), 0),
            ("bridge1", conference, 0),
        ):
            start = began + dt.timedelta(minutes=minutes, seconds=2)
            make.session(conference=line, bridge=bridge, started_at=start)

    steps = [upload, held] if comes_first == "recording" else [held, upload]
    for step in steps:
        step()
    join_sessions()

    joined = Recording.objects.get().session
    assert (joined.bridge, joined.conference) == ("bridge1", conference)
    assert joined.started_at == began + dt.timedelta(seconds=2)


def test_recording_of_no_call_that_was_held_stays_by_itself(upload, conference):
    upload()
    make.session(conference=conference, started_at=dt.datetime(2026, 3, 10, 15, 1, tzinfo=dt.UTC))

    assert join_sessions() == 0


def rename(session, external_id):
    session.external_id = external_id
    session.save()


def test_loser_of_two_at_once_leaves_one_recording_and_its_own_file_to_the_sweep(
    conference, monkeypatch
):
    """The other comes in between the look and the claim."""
    store = recordings._store

    def store_after_another(*arguments):
        monkeypatch.setattr(recordings, "_store", store)
        take_in(io.BytesIO(wav()), told(), bridge="bridge1", now=NOW)
        return store(*arguments)

    monkeypatch.setattr(recordings, "_store", store_after_another)

    _, is_new = take_in(io.BytesIO(wav()), told(), bridge="bridge1", now=NOW)

    assert not is_new
    assert Recording.objects.count() == IncomingFile.objects.count() == 1
    assert Recording.objects.get().file.name != IncomingFile.objects.get().name


def test_file_that_was_given_up_cannot_be_claimed(conference, monkeypatch):
    store = recordings._store

    def store_for_ages(*arguments):
        name = store(*arguments)
        IncomingFile.objects.update(is_abandoned=True)
        return name

    monkeypatch.setattr(recordings, "_store", store_for_ages)

    with pytest.raises(TookTooLong):
        take_in(io.BytesIO(wav()), told(), bridge="bridge1", now=NOW)
    assert Recording.objects.count() == 0
