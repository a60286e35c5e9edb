"""The watched folder: where bridges, or programs of theirs, lay files of call records.

Below it is one folder per bridge, named as the bridge. A file is taken in when it is whole, and
then moved to `done`, or to `refused` where nothing of it could be taken in; the quarantine tells
why. It is moved only after all of it is stored: what a crash leaves lying is taken in again, and
comes out as duplicates.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from conferences.records import formats
from conferences.records.intake import Intake
from conferences.records.origin import MasterRows, Origin, SettingsMissing, master_rows
from conferences.services.call_files import take_in_files

logger = logging.getLogger(__name__)

#: A file is left alone so long after it was last written to.
STILL_SECONDS = 2
#: So long a file that ends in the middle of a record is waited for; then its rest is given up.
PATIENCE_SECONDS = 15 * 60
#: What the last record of a file ends with; with a new line where the format is of lines.
_CLOSING = {".xml": b"</cdr>", ".json": b"}"}
DONE, REFUSED = "done", "refused"
#: How a bridge writes its Master.csv; a copy of its configuration, kept beside the files.
CDR_CONF = "cdr.conf"


class FolderBusy(Exception):
    """Another pass through the folder is under way."""


def take_in_folder(folder: Path, *, now: dt.datetime) -> Intake:
    """Take in every file below `folder` that is whole, each once; return the totals.

    A folder that is not there holds no files. Raises FolderBusy.
    """
    total = Intake()
    if not folder.is_dir():
        return total
    with _alone_in(folder):
        for place in sorted(path for path in folder.iterdir() if path.is_dir()):
            origin = Origin(bridge=place.name, master=_master_rows(place))
            for path in _whole_files(place, now):
                total += _take_in(path, origin, now)
    return total


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder against other passes; the lock goes with the process that holds it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FolderBusy(f"Another pass through {folder} is under way.") from None


def _master_rows(place: Path) -> MasterRows | None:
    try:
        return master_rows((place / CDR_CONF).read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return None
    except SettingsMissing as missing:
        logger.warning("%s: %s", place / CDR_CONF, missing)
        return None


def _whole_files(place: Path, now: dt.datetime) -> list[Path]:
    """Return the files of one bridge that nobody writes to any more, the oldest first."""
    found = []
    for path in place.iterdir():
        if path.suffix.lower() not in formats.SUFFIXES or path.name.startswith("."):
            continue
        status = path.lstat()
        # When it last changed by this machine's own clock, which no writer can set.
        age = now.timestamp() - status.st_ctime
        if stat.S_ISREG(status.st_mode) and age >= STILL_SECONDS and _is_whole(path, age):
            found.append((status.st_mtime_ns, path))
    return [path for _, path in sorted(found)]


def _is_whole(path: Path, age: float) -> bool:
    """Tell whether a file ends where a record does, or has not gone on for so long."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 100))
        end = file.read()
    closing = _CLOSING.get(path.suffix.lower())
    ends = end.rstrip().endswith(closing) if closing else end.endswith(b"\n")
    return ends or age >= PATIENCE_SECONDS


def _take_in(path: Path, origin: Origin, now: dt.datetime) -> Intake:
    """Take one file in and move it away; one that was written to meanwhile stays for a new pass."""
    try:
        before = path.stat()
        counts = take_in_files([path], origin=origin, now=now)
        after = path.stat()
        if (before.st_ino, before.st_ctime_ns) == (after.st_ino, after.st_ctime_ns):
            was_refused = counts.quarantined and not counts.accepted + counts.duplicates
            _move(path, REFUSED if was_refused else DONE)
    except OSError as error:
        logger.warning("%s is left for the next pass: %s", path, error)
        return Intake()
    return counts


def _move(path: Path, folder: str) -> None:
    """Move a file into a folder beside it, under a new name where its own is taken."""
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    for number in count(1):
        name = path.name if number == 1 else f"{path.stem}.{number}{path.suffix}"
        try:
            os.link(path, target / name)
        except FileExistsError:
            continue
        path.unlink()
        return
