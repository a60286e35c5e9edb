"""How recordings end: at their time, by a customer, or not at all while staff hold them.

The row is marked first, which ends all playing at once, and the file removed after that: killed in
between, the next sweep removes it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record
from conferences.models import IncomingFile, Recording
from conferences.recordings.storage import recordings_storage
from conferences.services.recordings import join_sessions

#: After so long a file that no recording has claimed is what a crash left behind.
STORED_WITHIN = dt.timedelta(days=1)
TIMETABLE = Actor(label="Retention")


class RecordingHeld(Exception):
    """Staff hold the recording: nobody deletes it."""


class RecordingGone(Exception):
    """The recording was deleted: there is nothing to hold."""


def sweep_recordings(*, now: dt.datetime) -> Counter[str]:
    """Do all that is due for recordings; return how many of which kind were done.

    Safe at any time, beside another sweep, and after any crash.
    """
    return Counter(
        {
            "recordings joined": join_sessions(),
            "recordings ended": delete_ended(now=now),
            "recordings' files removed": remove_files(),
            "files given up": remove_abandoned(now=now),
        }
    )


@transaction.atomic
def delete_recording(recording: Recording, *, by: Actor, now: dt.datetime) -> Recording:
    """Delete `recording` before its time; one that is deleted already stays so.

    Raises RecordingHeld.
    """
    locked = _locked(recording)
    if locked.is_held:
        raise RecordingHeld(str(locked))
    if locked.deleted_at is None:
        _mark_deleted(locked, "deleted", by=by, now=now)
    return locked


def delete_ended(*, now: dt.datetime) -> int:
    """Delete the recordings whose time is over and that nobody holds; return how many."""
    ended = Recording.objects.past_their_end(now).order_by("keep_until")
    return sum(_end(pk, now) for pk in ended.values_list("pk", flat=True).iterator())


@transaction.atomic
def hold(recording: Recording, *, by: Actor, now: dt.datetime) -> Recording:
    """Keep `recording` past its end and from everybody's deleting. Raises RecordingGone."""
    locked = _locked(recording)
    if locked.deleted_at is not None:
        raise RecordingGone(str(locked))
    return _set_held(locked, True, "held", by=by, now=now)


@transaction.atomic
def release(recording: Recording, *, by: Actor, now: dt.datetime) -> Recording:
    """Let `recording` end at its time again; where that is over, at the next sweep."""
    return _set_held(_locked(recording), False, "released", by=by, now=now)


def remove_files() -> int:
    """Remove the files of deleted recordings; return how many."""
    removed = 0
    for recording in Recording.objects.to_be_removed().iterator():
        recordings_storage().delete(recording.file.name)
        Recording.objects.filter(pk=recording.pk).update(file="")
        removed += 1
    return removed


def remove_abandoned(*, now: dt.datetime) -> int:
    """Remove files that were stored and never claimed; return how many.

    Marked first, so that none can be claimed while its file goes.
    """
    IncomingFile.objects.filter(begun_at__lt=now - STORED_WITHIN).update(is_abandoned=True)
    removed = 0
    for file in IncomingFile.objects.filter(is_abandoned=True).iterator():
        recordings_storage().delete(file.name)
        file.delete()
        removed += 1
    return removed


@transaction.atomic
def _end(pk: int, now: dt.datetime) -> bool:
    """Delete one whose time is over; tell whether it still was to be, and nobody else is at it."""
    ended = Recording.objects.past_their_end(now).select_related("conference__account")
    locked = ended.select_for_update(of=["self"], skip_locked=True).filter(pk=pk).first()
    if locked is None:
        return False
    _mark_deleted(locked, "deleted at its end", by=TIMETABLE, now=now)
    return True


def _locked(recording: Recording) -> Recording:
    rows = Recording.objects.select_related("conference__account")
    return rows.select_for_update(of=["self"]).get(pk=recording.pk)


def _mark_deleted(locked: Recording, verb: str, *, by: Actor, now: dt.datetime) -> None:
    locked.deleted_at = now
    locked.save(update_fields=["deleted_at"])
    record(verb, locked, by=by, now=now, account=locked.conference.account)


def _set_held(
    locked: Recording, is_held: bool, verb: str, *, by: Actor, now: dt.datetime
) -> Recording:
    if locked.is_held != is_held:
        locked.is_held = is_held
        locked.save(update_fields=["is_held"])
        record(verb, locked, by=by, now=now, account=locked.conference.account)
    return locked
