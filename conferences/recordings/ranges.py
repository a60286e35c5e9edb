"""Which part of a file a request asks for: HTTP ranges (RFC 9110, section 14), as players seek."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest

#: One range of bytes: first-last, first- or -suffix. More digits than any file has are no range.
_ONE_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class NotSatisfiable(Exception):
    """The file ends before the range begins: 416."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` up to, not including, `stop` of a file of `size` bytes."""

    start: int
    stop: int
    size: int
    is_whole: bool = False

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def part_wanted(request: HttpRequest, *, size: int, etag: str) -> Part:
    """Return the part that `request` asks for of a file with `size` bytes and the strong `etag`.

    Only GET has ranges, and only while the file is the one that If-Range names. What is no range,
    another unit or several ranges at once are answered by the whole file, as RFC 9110 section 14.2
    lets a server do. Raises NotSatisfiable.
    """
    whole = Part(0, size, size, is_whole=True)
    is_the_same = request.headers.get("If-Range", etag) == etag
    if request.method != "GET" or not is_the_same:
        return whole
    return _part(request.headers.get("Range", ""), size) or whole


def _part(header: str, size: int) -> Part | None:
    """Return the part that a Range header names; None where it must be ignored."""
    found = _ONE_RANGE.fullmatch(header)
    first, last = found.groups() if found else ("", "")
    if not first and not last:
        return None
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise NotSatisfiable(header)
    return Part(start, stop, size)
