"""Where bridges post their call records: mod_json_cdr each report, others whole files.

What is posted is written down and answered for at once; it is judged when it is taken in. What
cannot be read is kept too, and quarantined then: no bridge keeps a record that the portal refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.http import require_POST

from conferences.bridge.authentication import for_bridges
from conferences.bridge.bodies import length_of
from conferences.models import Bridge
from conferences.records import spool

REPORT = ".cdr.json"
#: What each kind of body is, by the end of the name that it is kept under.
ENDINGS = {
    "application/json": REPORT,
    "application/x-www-form-urlencoded": REPORT,
    "application/x-www-form-base64-encoded": REPORT,
    "application/x-ndjson": ".jsonl",
    "application/xml": ".cdr.xml",
    "text/xml": ".cdr.xml",
    "text/csv": ".csv",
}
RETRY_AFTER_SECONDS = 30
#: Where the switch writes down what its callers keyed in: PINs among it.
_DIGITS = re.compile(rb'("(?:digits_dialed|supplied_pin)"\s*:\s*")(?:[^"\\]|\\.)*"')


@for_bridges
@require_POST
def records(request: HttpRequest, *, bridge: Bridge) -> HttpResponse:
    """Keep one body of call records of `bridge`.

    Answers 200 once it is safe on disk, 411 without a length, 413 where it is too long, 415 for an
    unknown kind, 400 where it broke off, 503 with Retry-After while too many wait.
    """
    ending = ENDINGS.get(request.content_type)
    if ending is None:
        return _answer(415, f"Post one of {', '.join(ENDINGS)}.")
    length = length_of(request)
    if length is None:
        return _answer(411, "Say how long the body is.")
    if length > settings.RECORDS_MAX_BYTES:
        return _answer(413, f"A body has at most {settings.RECORDS_MAX_BYTES} bytes.")
    if spool.is_full():
        return _answer(503, "Too many records wait.", {"Retry-After": f"{RETRY_AFTER_SECONDS}"})
    body = _read(request, length)
    if not body or len(body) < length:
        return _answer(400, "The body is empty or broke off.")
    if ending == REPORT:
        body = without_digits(unwrapped(body, request.content_type))
    spool.hand_over(body, _name(request, ending), bridge=bridge)
    return _answer(200, "Kept.")


def _read(request: HttpRequest, length: int) -> bytes:
    try:
        return request.read(length)
    except UnreadablePostError:
        return b""


def unwrapped(body: bytes, content_type: str) -> bytes:
    """Return the document in a form of mod_json_cdr, or what is no such form as it is."""
    if not body.startswith(b"cdr="):
        return body
    match content_type:
        case "application/x-www-form-urlencoded":
            return unquote_to_bytes(body.removeprefix(b"cdr=").replace(b"+", b" "))
        case "application/x-www-form-base64-encoded":
            try:
                return base64.b64decode(b"".join(body.removeprefix(b"cdr=").split()), validate=True)
            except binascii.Error:
                return body
    return body


def without_digits(document: bytes) -> bytes:
    """Return the document without the digits that the caller keyed in: no PIN is kept in clear."""
    return _DIGITS.sub(rb'\1"', document)


def _name(request: HttpRequest, ending: str) -> str:
    """Return what the sender calls the file: in a header or the query, or by its channel."""
    given = request.headers.get("X-File-Name") or request.GET.get("name")
    name = given or request.GET.get("uuid") or "records"
    return name if name.lower().endswith(ending) else name + ending


def _answer(status: int, sentence: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(
        f"{sentence}\n", status=status, content_type="text/plain", headers=headers or {}
    )
