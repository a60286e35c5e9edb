"""Taking recordings in, joining them to their sessions, and writing down who hears them."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import BinaryIO

from django.core.cache import cache
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.actors import Actor
from accounts.services.audit import record
from conferences.models import Conference, IncomingFile, Recording, Session
from conferences.models.recording import KEPT_FOR, RecordingQuerySet
from conferences.recordings.audio import Audio, audio_in
from conferences.recordings.storage import recordings_storage

#: No call lasts longer: a longer leg is quarantined too.
LONGEST = dt.timedelta(hours=24)
#: How far a bridge's clock may run ahead of ours.
FAST_CLOCK = dt.timedelta(minutes=10)
#: By so much a recording may seem to begin before its call: names of files tell whole seconds.
HEAD_START = dt.timedelta(seconds=10)
#: For so long a listener who moves about in a recording is still at the same listening.
ONE_LISTENING = dt.timedelta(hours=1)


class Refused(Exception):
    """The recording cannot be kept; the text says why, for whoever sent it."""


class OtherContent(Exception):
    """A recording of this bridge and external id is there, with other sound or other facts."""


class TookTooLong(Exception):
    """Storing the file took so long that it was given up; it can be sent again."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the bridge says of a recording; `seconds` may be None where the file itself tells."""

    external_id: str
    conference_number: str
    started_at: dt.datetime
    session_external_id: str = ""
    seconds: int | None = None


def take_in(file: BinaryIO, told: Told, *, bridge: str, now: dt.datetime) -> tuple[Recording, bool]:
    """Keep `file` as a recording of the bridge with that name; return it, and whether it is new.

    `file` is seekable and nobody else writes it. The same recording again, also one deleted since,
    is returned as it stands. The file is stored first and the row written then: killed in between,
    nothing is there yet, whoever sent it does so again, and the sweep removes what was left.

    Raises Refused, NotAudio, OtherContent, TookTooLong, and whatever the storage raises.
    """
    audio = audio_in(file)
    recording = _recording(told, audio, bridge, now)
    file.seek(0)
    recording.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    recording.size = file.seek(0, 2)
    if known := _known_as(recording):
        return known, False
    recording.file = _store(file, audio, now)
    try:
        _claim(recording, now)
    except IntegrityError:
        # Another process took the same in meanwhile; ours is left to the sweep.
        if known := _known_as(recording):
            return known, False
        raise
    return recording, True


def join_sessions() -> int:
    """Join recordings to sessions that have come in since; return how many.

    Where the bridge told its name for the session, that alone counts; else the time does.
    """
    waiting = Recording.objects.without_session()
    told = (OuterRef("bridge"), OuterRef("conference"))
    by_name = _named(*told, OuterRef("session_external_id"))
    by_time = _held_at(*told, OuterRef("started_at"))
    named = waiting.exclude(session_external_id="")
    unnamed = waiting.filter(session_external_id="")
    return _join(named, by_name) + _join(unnamed, by_time)


def note_heard(
    recording: Recording, verb: str, *, from_start: bool, by: Actor, now: dt.datetime
) -> None:
    """Write to the audit log that somebody has `recording` played or downloaded.

    Each request from the first byte is an entry. A player that seeks asks for hundreds of later
    parts: those belong to an entry of the last hour, and are one of their own where there is none.
    So no byte is heard without an entry, wherever somebody begins.
    """
    listening = f"heard:{recording.pk}:{by.user.pk}:{verb}"
    if not from_start and cache.get(listening):
        return
    record(verb, recording, by=by, now=now, account=recording.conference.account)
    cache.set(listening, True, ONE_LISTENING.total_seconds())


def _recording(told: Told, audio: Audio, bridge: str, now: dt.datetime) -> Recording:
    """Return the recording, not saved and without its file. Raises Refused."""
    conference = Conference.objects.filter(number=told.conference_number).first()
    if conference is None:
        raise Refused(f"No conference has the number {told.conference_number}.")
    seconds = told.seconds if audio.seconds is None else audio.seconds
    if seconds is None:
        raise Refused("Tell its length as “seconds”: only a WAV file tells it itself.")
    if dt.timedelta(seconds=seconds) > LONGEST:
        raise Refused("It is longer than 24 hours.")
    if told.started_at > now + FAST_CLOCK:
        raise Refused("It starts in the future.")
    return Recording(
        conference=conference,
        session=_session_of(told, conference, bridge),
        bridge=bridge,
        external_id=told.external_id,
        session_external_id=told.session_external_id,
        started_at=told.started_at,
        seconds=seconds,
        content_type=audio.content_type,
        received_at=now,
        keep_until=now + KEPT_FOR,
    )


def _session_of(told: Told, conference: Conference, bridge: str) -> Session | None:
    if told.session_external_id:
        return _named(bridge, conference, told.session_external_id).first()
    return _held_at(bridge, conference, told.started_at).first()


def _named(bridge, conference, external_id) -> QuerySet[Session]:
    """Return the session of that name; one of another conference does not count."""
    return Session.objects.filter(bridge=bridge, conference=conference, external_id=external_id)


def _held_at(bridge, conference, instant) -> QuerySet[Session]:
    """Return the sessions on which a recording may have begun at `instant`, the likeliest first.

    One bridge holds one call of a conference at a time.
    """
    about = {"started_at__lte": instant + HEAD_START, "ended_at__gte": instant}
    sessions = Session.objects.filter(bridge=bridge, conference=conference, **about)
    return sessions.order_by("started_at")


def _join(recordings: RecordingQuerySet, sessions: QuerySet[Session]) -> int:
    theirs = Subquery(sessions.values("pk")[:1])
    return recordings.alias(found=theirs).exclude(found=None).update(session=theirs)


def _known_as(recording: Recording) -> Recording | None:
    """Return the row that is there already of the same recording. Raises OtherContent."""
    known = Recording.objects.filter(
        bridge=recording.bridge, external_id=recording.external_id
    ).first()
    told = ("sha256", "conference_id", "session_external_id", "started_at", "seconds")
    if known and any(getattr(known, name) != getattr(recording, name) for name in told):
        raise OtherContent(f"{recording.external_id} is there already, with other content.")
    return known


def _store(file: BinaryIO, audio: Audio, now: dt.datetime) -> str:
    """Announce a file of a new name, store it, and return the name."""
    name = f"{now:%Y/%m}/{uuid.uuid4().hex}{audio.suffix}"
    IncomingFile.objects.create(name=name, begun_at=now)
    file.seek(0)
    recordings_storage().save(name, File(file))
    return name


@transaction.atomic(durable=True)
def _claim(recording: Recording, now: dt.datetime) -> None:
    """Make the stored file the recording's. Raises TookTooLong."""
    waiting = IncomingFile.objects.filter(name=recording.file.name, is_abandoned=False)
    if waiting.delete()[0] == 0:
        raise TookTooLong(recording.external_id)
    recording.save(force_insert=True)
    bridge = Actor(label=f"Bridge {recording.bridge}")
    facts = {"seconds": recording.seconds, "sha256": recording.sha256}
    account = recording.conference.account
    record("took in", recording, by=bridge, now=now, account=account, after=facts)
