"""The recordings' pages: who hears what, by which parts, and what the audit log tells of it."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import AuditEntry
from tests import make
from tests.pages import card, complaints, facts, menu, read, rows, sign_in
from tests.recordings import wav

ALL = reverse("conferences:recordings")
SOUND = wav(0.1, level=999)


def page(name, thing):
    return reverse(f"conferences:{name}", args=[thing.pk])


def heard():
    """List what the audit log tells of who heard what."""
    told = AuditEntry.objects.order_by("pk").values_list("actor_label", "verb")
    return [(who, verb) for who, verb in told if verb in {"played", "downloaded"}]


@pytest.fixture
def recording(conference):
    return make.recording(conference=conference, sound=SOUND, seconds=725)


@pytest.fixture
def listener(client, basic, conference):
    """A Basic user with the Recording right alone, signed in."""
    make.rights(basic, conference, "recording")
    sign_in(client, basic)
    return basic


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
    of_conference = client.get(page("recording_list", recording.conference))
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
    assert (player["preload"], player["src"]) == ("none", page("recording_audio", recording))


def test_opening_the_page_is_not_hearing(client, listener, recording):
    client.get(recording.get_absolute_url())

    assert heard() == []


@pytest.mark.parametrize("right", ["view", "moderate"])
def test_other_rights_hear_nothing(client, basic, recording, right):
    make.rights(basic, recording.conference, right)
    sign_in(client, basic)

    assert "Recordings" not in menu(client.get(ALL))
    assert rows(card(client.get(ALL), "recordings")) == []
    assert client.get(page("recording_list", recording.conference)).status_code == 403
    for name in ("recording_view", "recording_audio", "recording_download", "recording_delete"):
        assert client.get(page(name, recording)).status_code == 404


def test_right_that_is_taken_away_ends_the_playing(client, listener, recording):
    part = {"headers": {"Range": "bytes=100-"}}
    assert client.get(page("recording_audio", recording), **part).status_code == 206

    listener.rights.all().delete()

    assert client.get(page("recording_audio", recording), **part).status_code == 404


def test_recording_that_was_deleted_is_gone_at_once(client, listener, recording):
    recording.deleted_at = recording.received_at
    recording.save()

    assert client.get(page("recording_audio", recording)).status_code == 404
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

    response = client.get(page("recording_audio", recording), headers=headers)

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

    response = client.head(page("recording_audio", recording), headers={"Range": "bytes=0-1"})

    assert (response.status_code, response["Content-Length"]) == (200, str(len(SOUND)))
    assert heard() == []


def test_each_playing_is_written_down_and_its_seeking_is_not(client, listener, recording):
    for start in (0, 44, 100, 0):
        client.get(page("recording_audio", recording), headers={"Range": f"bytes={start}-"})
    client.get(page("recording_download", recording))

    assert heard() == [("Ben Basic", "played")] * 2 + [("Ben Basic", "downloaded")]


def test_who_begins_in_the_middle_is_written_down_too(client, listener, recording):
    """Else one could hear all but the first byte without a trace."""
    client.get(page("recording_audio", recording), headers={"Range": "bytes=1-"})
    client.get(page("recording_download", recording), headers={"Range": "bytes=1-"})
    cache.delete(f"heard:{recording.pk}:{listener.pk}:played")  # an hour later
    client.get(page("recording_audio", recording), headers={"Range": "bytes=1-"})

    assert [verb for _, verb in heard()] == ["played", "downloaded", "played"]


def test_part_that_cannot_be_had_is_not_heard(client, listener, recording):
    client.get(page("recording_audio", recording), headers={"Range": "bytes=99999999-"})

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

    response = client.get(page("recording_download", make.recording(conference=line)))

    assert response["Content-Disposition"] == header


def test_nginx_is_told_to_serve_the_file_itself(client, listener, recording, settings):
    settings.X_ACCEL_PREFIX = "/protected/recordings/"

    response = client.get(
        page("recording_audio", recording), headers={"Range": "bytes=44-", "If-Range": '"other"'}
    )

    assert response["X-Accel-Redirect"] == f"/protected/recordings/{recording.file.name}"
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Type"] == "audio/wav"
    assert "Content-Range" not in response
    assert heard() == [("Ben Basic", "played")]


def test_nginx_is_told_nothing_without_the_right(client, basic, recording, settings):
    settings.X_ACCEL_PREFIX = "/protected/recordings/"
    sign_in(client, basic)

    response = client.get(page("recording_audio", recording))

    assert (response.status_code, "X-Accel-Redirect" in response) == (404, False)


def test_full_rights_delete_after_asking(client, basic, recording):
    make.rights(basic, recording.conference, "full")
    sign_in(client, basic)

    asked = client.get(page("recording_delete", recording))
    done = client.post(page("recording_delete", recording))

    assert read(asked).one("h1").text == "Delete this recording?"
    assert done["Location"] == page("recording_list", recording.conference)
    recording.refresh_from_db()
    assert recording.deleted_at is not None
    assert AuditEntry.objects.get(verb="deleted").account == basic.account


def test_listener_may_not_delete(client, listener, recording):
    assert "Delete" not in read(client.get(recording.get_absolute_url())).text
    assert client.post(page("recording_delete", recording)).status_code == 403


def test_held_recording_says_so_and_stays(client, admin, recording):
    recording.is_held = True
    recording.save()
    sign_in(client, admin)

    shown = client.get(recording.get_absolute_url())
    refused = client.post(page("recording_delete", recording), follow=True)

    assert facts(card(shown, "about"))["Kept until"] == "Held"
    assert read(client.get(page("recording_delete", recording))).all("button", text="Delete") == []
    assert "This recording is held, so nobody can delete it." in read(refused).text
    recording.refresh_from_db()
    assert recording.deleted_at is None


def test_search_is_by_conference_and_by_the_readers_days(client, admin, conference):
    other = make.conference(account=admin.account, name="Łódź 100% review", number="30777")
    late = dt.datetime(2026, 3, 11, 3, 59, tzinfo=dt.UTC)  # the 10th in New York
    for line, started_at in ((conference, late), (other, late + dt.timedelta(minutes=1))):
        make.recording(conference=line, started_at=started_at)
    sign_in(client, admin)

    def found(**asked):
        return [
            row[1].rsplit(" ", 1)[0] for row in rows(card(client.get(ALL, asked), "recordings"))
        ]

    assert found() == ["Łódź 100% review", "Weekly meeting"]
    assert found(q="łódź") == found(q="30777") == found(q="0%") == ["Łódź 100% review"]
    assert found(until="2026-03-10") == found(since="2026-03-10", until="2026-03-10")
    assert found(until="2026-03-10") == ["Weekly meeting"]
    assert found(since="2026-03-11") == ["Łódź 100% review"]
    assert found(q="none") == []


def test_search_that_makes_no_sense_says_why(client, admin):
    sign_in(client, admin)

    response = client.get(ALL, {"since": "2026-03-11", "until": "2026-03-10"})

    assert complaints(response) == ["The last day lies before the first."]
    assert card(response, "recordings").one("h3").text == "Nothing was looked up"


def test_no_recordings_are_explained(client, admin, conference):
    sign_in(client, admin)

    for address in (ALL, page("recording_list", conference)):
        assert card(client.get(address), "recordings").one("h3").text == "No recordings"


@pytest.mark.parametrize("count", [1, 3])
def test_longer_lists_take_no_more_queries(
    client, listener, conference, count, django_assert_num_queries
):
    for _ in range(count):
        make.recording(conference=conference)

    with django_assert_num_queries(5):
        response = client.get(ALL)
    with django_assert_num_queries(6):
        client.get(page("recording_list", conference))

    assert len(rows(card(response, "recordings"))) == count
