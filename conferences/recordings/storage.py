"""Where recordings lie: below a folder, or in a bucket. Both give a part of a file in chunks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

from django.core.files.storage import FileSystemStorage, storages

#: Bytes that are held in memory for each listener.
CHUNK = 64 * 1024


def recordings_storage():
    """Return the storage of recordings: the one called "recordings" in STORAGES."""
    return storages["recordings"]


class OnDisk(FileSystemStorage):
    """Files below one folder that no web server shows by itself."""

    def _save(self, name, content):
        name = super()._save(name, content)
        with self.open(name) as file:
            os.fsync(file.fileno())  # the row must not outlive the file when the power fails
        return name

    def chunks_between(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """Return the bytes of the file from `start` up to `stop`. Raises OSError."""
        file = self.open(name)
        file.seek(start)
        return chunks(file, stop - start)


def chunks(file: BinaryIO, length: int) -> Iterator[bytes]:
    """Yield the next `length` bytes of `file` a chunk at a time, and close it."""
    with closing(file):
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk
