"""Every file of call records as it came: kept under its SHA-256, compressed, for good.

A leg leads to its file and its place in it. A file is kept before what it brought is committed, so
that nothing stored lacks its source; one kept for a taking-in that failed is found by the next.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.core.files.storage import storages

from conferences.models import CallFile, ChannelReport, Leg
from conferences.records import formats
from conferences.records.origin import MasterRows, Origin

#: Call records shrink to a tenth at any level; a higher one would only cost time.
LEVEL = 1
#: For more paths than this, everything is written out at once: the disk is waited for only once.
MANY = 20
_CHUNK = 1024 * 1024


class NotKept(Exception):
    """The source of a record cannot be shown; the message is a sentence that says why."""


def place_of(sha256: str) -> Path:
    """Return where the file of this hash is kept."""
    return Path(storages["call_files"].path(f"{sha256[:2]}/{sha256}.gz"))


class Keeper:
    """Keeps files as they are read; `settle` makes all of them safe on disk, and only then named.

    Many files cost one wait for the disk, not one each.
    """

    def __init__(self):
        self.parts: dict[Path, Path] = {}

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, *_):
        for part in self.parts.values():
            part.unlink(missing_ok=True)

    def keep(self, path: Path) -> str:
        """Return the SHA-256 of the file, by which it will be kept.

        Raises OSError, also where the file changes meanwhile.
        """
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            target = place_of(sha256)
            if target not in self.parts and not target.exists():
                file.seek(0)
                target.parent.mkdir(parents=True, exist_ok=True)
                self._write(file, target, sha256)
        return sha256

    def _write(self, file: BinaryIO, target: Path, sha256: str) -> None:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as part:
            self.parts[target] = Path(part.name)
            with gzip.GzipFile(fileobj=part, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
                if _copy(file, packed) != sha256:
                    raise OSError(errno.EBUSY, "The file is still being written", file.name)

    def settle(self) -> None:
        """Return once all that was kept outlives a loss of power."""
        make_durable(*self.parts.values())
        for target, part in self.parts.items():
            part.replace(target)
        make_durable(*{target.parent for target in self.parts})
        self.parts.clear()


def make_durable(*paths: Path) -> None:
    """Let files, or the names in folders, outlive a loss of power."""
    if len(paths) > MANY:
        os.sync()
        return
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def unpacked(call_file: CallFile) -> Iterator[Path]:
    """Give the file as it came, under its own name, while the block lasts. Raises NotKept."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / call_file.name
        try:
            with gzip.open(place_of(call_file.sha256)) as packed, path.open("wb") as file:
                digest = _copy(packed, file)
        except FileNotFoundError:
            raise NotKept("The file is not among those that were kept.") from None
        except (EOFError, OSError, gzip.zlib.error):
            digest = ""
        if digest != call_file.sha256:
            raise NotKept("The kept file is damaged: it is not what came in, by its hash.")
        yield path


def _copy(source: BinaryIO, target: BinaryIO) -> str:
    """Copy all of `source`, and return its SHA-256."""
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def raw_record(row: Leg | ChannelReport) -> str:
    """Return the source of a leg or report, read anew from the file that it came in.

    Raises NotKept.
    """
    with unpacked(row.call_file) as path:
        for record in formats.read(path, _origin_of(row)).records:
            if record.position == row.position:
                return record.raw
    raise NotKept("The kept file does not hold the record any more, as it is read now.")


def _origin_of(row: Leg | ChannelReport) -> Origin:
    told = row.call_file.master_rows
    return Origin(row.bridge, MasterRows(**told) if told else None)


def copy_of(call_file: CallFile) -> BinaryIO:
    """Return the file as it came, open to be read; closed, it is gone. Raises NotKept."""
    with unpacked(call_file) as path:
        return path.open("rb")
