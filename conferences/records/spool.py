"""What bridges have posted and nobody has taken in yet: a folder per bridge, a file per body.

A body is answered for once it is safe on disk; the sweep takes it in and only then removes it, so
that a crash anywhere leaves it either waiting or known. The web processes that receive and the
workers that take in share the folder.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

from django.conf import settings

from conferences.models import Bridge
from conferences.records.intake import Intake
from conferences.records.origin import Origin
from conferences.records.raw import make_durable
from conferences.services.call_files import take_in_files

#: So many bodies are taken in, and removed, at a time.
AT_ONCE = 1_000
_LONGEST_NAME = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def root() -> Path:
    """Return the folder; there is one below it for each bridge, named by its key."""
    return Path(settings.DATA_DIR) / "spool"


def hand_over(body: bytes, name: str, *, bridge: Bridge) -> Path:
    """Write `body` down as a file of `bridge`, and return it; it is safe on disk then.

    The file is known by its content: the same body again is the same file. `name`, as the sender
    called it, ends the file's name.
    """
    folder = root() / f"{bridge.pk}"
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make_durable(folder.parent)
    sha256 = hashlib.sha256(body).hexdigest()
    target = folder / f"{sha256}.{_UNSAFE.sub('_', name)[-_LONGEST_NAME:]}"
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as part:
        part.write(body)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(target)
    make_durable(folder)
    return target


def is_full() -> bool:
    """Tell whether so many bodies wait that bridges should keep theirs for a while."""
    most = settings.RECORDS_MOST_WAITING
    waiting = chain.from_iterable(map(_waiting, _folders()))
    return sum(1 for _ in islice(waiting, most)) >= most


def take_in_spool(*, now: dt.datetime) -> Intake:
    """Take in all that waits, unless another process is about it; return the totals."""
    total = Intake()
    with _alone() as is_alone:
        for folder in _folders() if is_alone else ():
            bridge = Bridge.objects.get(pk=folder.name)
            while names := list(islice(_waiting(folder), AT_ONCE)):
                files = [folder / name for name in names]
                total += take_in_files(files, now=now, origin=Origin(bridge.name))
                for file in files:
                    file.unlink()
    return total


def _folders() -> list[Path]:
    return list(root().glob("*/"))


def _waiting(folder: Path) -> Iterator[str]:
    """Give the names of files that wait; what begins with a dot is still being written."""
    with os.scandir(folder) as entries:
        yield from (entry.name for entry in entries if not entry.name.startswith("."))


@contextmanager
def _alone() -> Iterator[bool]:
    """Keep others of this machine from taking in; tell whether nobody was at it before."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
