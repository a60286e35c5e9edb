"""The recordings' pages: who hears what, by which parts, and what the audit log tells of it."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import AuditEntry
from tests import make
from tests.conferences.addresses import address
from tests.pages import card, facts, menu, read, rows, sign_in
from tests.recordings import wav

ALL = reverse("conferences:recordings")
SOUND = wav(0.1, level=999)


def heard():
    """List what the audit log tells of who heard what."""
    told = AuditEntry.objects.order_by("pk").values_list("actor_label", "verb")
    return [(who, verb) for who, verb in told if verb in {"played", "downloaded"}]


@pytest.fixture
def recording(conference):
    return make.recording(conference=conference, sound=SOUND, seconds=725)


def test_listener_finds_recordings_but_no_details(client, listener, recording):
    response = client.get(ALL)

    assert menu(response) == ["Home", "Conferences", "Recordings", "My Profile"]
    assert rows(card(response, "recordings")) == [
        [
            "Mar 10, 2026, 11:00 AM Weekly meeting",
            f"Weekly meeting {recording.conference.number}",
            "12:05",
            "1.6 KB",
            "Mar 10, 2027",
        ]
    ]
    of_conference = client.get(address("recording_list", recording.conference))
    tabs = read(of_conference).one("nav", **{"aria-label": "Weekly meeting"})
    assert [tab.text for tab in tabs.all("a")] == ["Recordings"]
    assert len(rows(card(of_conference, "recordings"))) == 1
    assert "Call" not in facts(card(client.get(recording.get_absolute_url()), "about"))


def test_player_shows_the_call_to_those_who_may_see_it(client, admin, conference):
    call = make.session(conference=conference, legs=[(61, "local"), (600, "local")])
    recording = make.recording(conference=conference, session=call, seconds=61)
    sign_in(client, admin)

    response = client.get(recording.get_absolute_url())

    assert facts(card(response, "about")) == {
        "Kept until": "Mar 10, 2027",
        "Length": "1:01",
        "File": "WAV, 15.7 KB",
        "Call": "Mar 10, 2026, 11:00 AM",
        "Length of the call": "10 min",
        "Participants": "2",
    }
    player = read(response).one("audio").attributes
    assert (player["preload"], player["src"]) == ("none", address("recording_audio", recording))


def test_opening_the_page_is_not_hearing(client, listener, recording):
    client.get(recording.get_absolute_url())

    assert heard() == []


@pytest.mark.parametrize("right", ["view", "moderate"])
def test_other_rights_hear_nothing(client, basic, recording, right):
    make.rights(basic, recording.conference, right)
    sign_in(client, basic)

    assert "Recordings" not in menu(client.get(ALL))
    assert rows(card(client.get(ALL), "recordings")) == []
    assert client.get(address("recording_list", recording.conference)).status_code == 403
    for name in ("recording_view", "recording_audio", "recording_download", "recording_delete"):
        assert client.get(address(name, recording)).status_code == 404


def test_right_that_is_taken_away_ends_the_playing(client, listener, recording):
    part = {"headers": {"Range": "bytes=100-"}}
    assert client.get(address("recording_audio", recording), **part).status_code == 206

    listener.rights.all().delete()

    assert client.get(address("recording_audio", recording), **part).status_code == 404


def test_recording_that_was_deleted_is_gone_at_once(client, listener, recording):
    recording.deleted_at = recording.received_at
    recording.save()

    assert client.get(address("recording_audio", recording)).status_code == 404
    assert rows(card(client.get(ALL), "recordings")) == []


@pytest.mark.parametrize(
    ("asked", "status", "part", "content_range"),
    [
        (None, 200, SOUND, None),
        ("bytes=0-", 206, SOUND, f"bytes 0-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=44-63", 206, SOUND[44:64], f"bytes 44-63/{len(SOUND)}"),
        ("bytes=-10", 206, SOUND[-10:], f"bytes {len(SOUND) - 10}-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=0-1,5-6", 200, SOUND, None),
        (f"bytes={len(SOUND)}-", 416, b"", f"bytes */{len(SOUND)}"),
    ],
)
def test_player_gets_the_part_it_asks_for(
    client, listener, recording, asked, status, part, content_range
):
    headers = {"Range": asked} if asked else {}

    response = client.get(address("recording_audio", recording), headers=headers)

    assert response.status_code == status
    assert b"".join(response) == part
    assert response.get("Content-Range") == content_range
    assert response["ETag"] == f'"{recording.sha256}"'
    assert response["Accept-Ranges"] == "bytes"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    if status != 416:
        assert response["Content-Type"] == "audio/wav"
        assert response["Content-Length"] == str(len(part))


def test_head_tells_the_size_and_reads_nothing(client, listener, recording):
    recording.file.delete(save=False)
    recording.save()
    type(recording).objects.update(file="gone.wav")

    response = client.head(address("recording_audio", recording), headers={"Range": "bytes=0-1"})

    assert (response.status_code, response["Content-Length"]) == (200, str(len(SOUND)))
    assert heard() == []


def test_each_playing_is_written_down_and_its_seeking_is_not(client, listener, recording):
    for start in (0, 44, 100, 0):
        client.get(address("recording_audio", recording), headers={"Range": f"bytes={start}-"})
    client.get(address("recording_download", recording))

    assert heard() == [("Ben Basic", "played")] * 2 + [("Ben Basic", "downloaded")]


def test_who_begins_in_the_middle_is_written_down_too(client, listener, recording):
    """Else one could hear all but the first byte without a trace."""
    client.get(address("recording_audio", recording), headers={"Range": "bytes=1-"})
    client.get(address("recording_download", recording), headers={"Range": "bytes=1-"})
    cache.delete(f"heard:{recording.pk}:{listener.pk}:played")  # an hour later
    client.get(address("recording_audio", recording), headers={"Range": "bytes=1-"})

    assert [verb for _, verb in heard()] == ["played", "downloaded", "played"]


def test_part_that_cannot_be_had_is_not_heard(client, listener, recording):
    client.get(address("recording_audio", recording), headers={"Range": "bytes=99999999-"})

    assert heard() == []


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Board", 'attachment; filename="Board 2026-03-10 1100.wav"'),
        (
            "Żółć/../\r\n“Q3”",
            "attachment; filename*=utf-8''"
            "%C5%BB%C3%B3%C5%82%C4%87-..-%E2%80%9CQ3%E2%80%9D%202026-03-10%201100.wav",
        ),
    ],
)
def test_download_is_named_by_conference_and_time(client, admin, name, header):
    line = make.conference(account=admin.account, name=name)
    sign_in(client, admin)

    response = client.get(address("recording_download", make.recording(conference=line)))

    assert response["Content-Disposition"] == header


def test_nginx_is_told_to_serve_the_file_itself(client, listener, recording, settings):
    settings.X_ACCEL_PREFIX = "/protected/recordings/"

    response = client.get(
        address("recording_audio", recording), headers={"Range": "bytes=44-", "If-Range": '"other"'}
    )

    assert response["X-Accel-Redirect"] == f"/protected/recordings/{recording.file.name}"
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Type"] == "audio/wav"
    assert "Content-Range" not in response
    assert heard() == [("Ben Basic", "played")]


def test_nginx_is_told_nothing_without_the_right(client, basic, recording, settings):
    settings.X_ACCEL_PREFIX = "/protected/recordings/"
    sign_in(client, basic)

    response = client.get(address("recording_audio", recording))

    assert (response.status_code, "X-Accel-Redirect" in response) == (404, False)


def test_full_rights_delete_after_asking(client, basic, recording):
    make.rights(basic, recording.conference, "full")
    sign_in(client, basic)

    asked = client.get(address("recording_delete", recording))
    done = client.post(address("recording_delete", recording))

    assert read(asked).one("h1").text == "Delete this recording?"
    assert done["Location"] == address("recording_list", recording.conference)
    recording.refresh_from_db()
    assert recording.deleted_at is not None
    assert AuditEntry.objects.get(verb="deleted").account == basic.account


def test_listener_may_not_delete(client, listener, recording):
    assert "Delete" not in read(client.get(recording.get_absolute_url())).text
    assert client.post(address("recording_delete", recording)).status_code == 403


def test_held_recording_says_so_and_stays(client, admin, recording):
    recording.is_held = True
    recording.save()
    sign_in(client, admin)

    shown = client.get(recording.get_absolute_url())
    asked = client.get(address("recording_delete", recording))
    refused = client.post(address("recording_delete", recording), follow=True)

    assert facts(card(shown, "about"))["Kept until"] == "Held"
    assert "Delete" not in [button.text for button in read(asked).all("button")]
    assert "This recording is held, so nobody can delete it." in read(refused).text
    recording.refresh_from_db()
    assert recording.deleted_at is None
