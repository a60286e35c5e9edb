"""The watched folder: what bridges put there is taken in, and put away with what became of it.

A recording is handed over as two files: its sound, and beside it a JSON document that tells the
facts and names the sound. The document is renamed in last, so whatever it names is whole; a sound
without one is still being written, and is let be.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from conferences.recordings.audio import NotAudio
from conferences.recordings.facts import RecordingFacts
from conferences.services.recordings import (
    OtherContent,
    Refused,
    Told,
    TookTooLong,
    take_in,
)

logger = logging.getLogger(__name__)

#: No document that tells the facts of one recording is longer.
LONGEST_DOCUMENT = 64 * 1024
DONE, REFUSED = "done", "refused"


def take_in_folder(folder: Path, *, now: dt.datetime) -> Counter[str]:
    """Take in all that is handed over in `folder`; return how many came to which outcome.

    Pairs move to `done/`; refused ones to `refused/`, with the reason beside them, and may be moved
    back once its cause is mended. Killed in between, the next round finds what is stored already.
    What cannot be read or stored waits for the next round. Nothing is done while another process
    is at it. Raises OSError where there is no such folder, and what a bucket raises.
    """
    outcomes: Counter[str] = Counter(accepted=0, duplicates=0, refused=0)
    with _alone_in(folder) as is_alone:
        for document in sorted(folder.glob("*.json")) if is_alone else ():
            if document.is_file():
                outcomes[_outcome(document, now)] += 1
    return outcomes


def _outcome(document: Path, now: dt.datetime) -> str:
    """Take one pair in; what cannot be read or put away waits, and holds up no other."""
    try:
        return _take_in(document, now)
    except (OSError, TookTooLong) as error:
        logger.warning("%s waits: %s", document, error)
        return "waiting"


def _take_in(document: Path, now: dt.datetime) -> str:
    sound = None
    try:
        given = _read(document)
        sound = _sound(document, given.get("file"))
        bridge, told = _bridge(given.get("bridge")), _told(given)
        with sound.open("rb") as file:
            _, is_new = take_in(file, told, bridge=bridge, now=now)
    except (Refused, NotAudio, OtherContent) as wrong:
        _put_away(REFUSED, document, sound, reason=str(wrong))
        return "refused"
    _put_away(DONE, document, sound)
    return "accepted" if is_new else "duplicates"


def _read(document: Path) -> dict:
    """Return the JSON object in `document`. Raises Refused."""
    try:
        with document.open("rb") as file:
            given = json.loads(file.read(LONGEST_DOCUMENT))
        json.dumps(given, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise Refused(f"The document is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise Refused("The document is no JSON object.")
    return given


def _sound(document: Path, name: object) -> Path:
    """Return the file beside `document` that it names; never one elsewhere. Raises Refused."""
    if not isinstance(name, str) or {"/", "\0"} & set(name) or name.endswith(".json"):
        raise Refused("file: Name the sound, a file beside the document.")
    sound = document.parent / name
    if sound.is_symlink() or not sound.is_file():
        raise Refused(f"There is no file {name} beside the document.")
    if sound.stat().st_size > settings.RECORDING_MAX_BYTES:
        raise Refused(f"It has more than {settings.RECORDING_MAX_BYTES} bytes.")
    return sound


def _bridge(name: object) -> str:
    """Raises Refused."""
    if not isinstance(name, str) or not 0 < len(name) <= 100 or "\0" in name:
        raise Refused("bridge: Name the bridge, as its call records do.")
    return name


def _told(given: dict) -> Told:
    """Raises Refused."""
    facts = RecordingFacts(given)
    if not facts.is_valid():
        raise Refused(facts.complaints())
    return facts.told


def _put_away(place: str, document: Path, sound: Path | None, *, reason: str = "") -> None:
    """Move the pair to `place`, the document first: without it the sound is handed over no more."""
    folder = document.parent / place
    folder.mkdir(exist_ok=True)
    if reason:
        (folder / f"{document.stem}.reason.txt").write_text(f"{reason}\n")
    for file in filter(None, (document, sound)):
        file.replace(_free(folder / file.name))


def _free(path: Path) -> Path:
    """Return `path`, or one like it that is not taken."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


@contextmanager
def _alone_in(folder: Path) -> Iterator[bool]:
    """Hold the folder against other processes; tell whether it was free. Raises OSError."""
    held = os.open(folder, os.O_RDONLY)
    try:
        yield _is_free(held)
    finally:
        os.close(held)


def _is_free(held: int) -> bool:
    """Take the lock of an open folder, until it is closed; tell whether nobody else has it."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
