"""What the head of a request tells about its body, before a byte of that is read."""

import re

from django.http import HttpRequest

#: Longer than any body: more digits are no length.
_LENGTH = re.compile("[0-9]{1,18}")


def length_of(request: HttpRequest) -> int | None:
    """Return the Content-Length in bytes; None where there is none that could be one."""
    told = request.headers.get("Content-Length", "")
    return int(told) if _LENGTH.fullmatch(told) else None
