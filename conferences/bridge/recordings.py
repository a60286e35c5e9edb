"""The address at which bridges hand over recordings: POST /bridge/recordings/ (docs/recordings.md).

The sound is the body itself, and the facts are in the query. Not a form: Django would take one that
was cut off for whole, while a body is held against its Content-Length.
"""

from __future__ import annotations

import tempfile
from http import HTTPStatus
from typing import BinaryIO

from django.conf import settings
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.http import require_POST

from conferences.bridge.authentication import for_bridges
from conferences.bridge.bodies import length_of
from conferences.models import Bridge
from conferences.recordings.audio import NotAudio
from conferences.recordings.facts import RecordingFacts
from conferences.services.recordings import OtherContent, Refused, Told, TookTooLong, take_in

#: Bytes read from the bridge at a time.
CHUNK = 64 * 1024
_WRONG = {
    NotAudio: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    OtherContent: HTTPStatus.CONFLICT,
    Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    TookTooLong: HTTPStatus.SERVICE_UNAVAILABLE,
}


@for_bridges
@require_POST
def recording_upload(request: HttpRequest, *, bridge: Bridge) -> JsonResponse:
    """Take one recording in: 201, or 200 for one that is there already, else the reason."""
    length = length_of(request)
    if length is None:
        return _refused(HTTPStatus.LENGTH_REQUIRED, "Send the Content-Length.")
    if length > settings.RECORDING_MAX_BYTES:
        return _refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"A recording has at most {settings.RECORDING_MAX_BYTES} bytes.",
        )
    facts = RecordingFacts(request.GET)
    if not facts.is_valid():
        return _refused(HTTPStatus.UNPROCESSABLE_ENTITY, facts.complaints())
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as body:
        if _spool(request, body) != length:
            return _refused(HTTPStatus.BAD_REQUEST, "The body ended early.")
        return _take_in(body, facts.told, bridge)


def _spool(request: HttpRequest, body: BinaryIO) -> int:
    """Write the request's body to `body` as it comes; return how many bytes came."""
    try:
        while chunk := request.read(CHUNK):
            body.write(chunk)
    except UnreadablePostError:
        return -1
    return body.tell()


def _take_in(body: BinaryIO, told: Told, bridge: Bridge) -> JsonResponse:
    try:
        recording, is_new = take_in(body, told, bridge=bridge.name, now=timezone.now())
    except tuple(_WRONG) as wrong:
        return _refused(_WRONG[type(wrong)], str(wrong))
    return JsonResponse(
        {"outcome": "accepted" if is_new else "duplicate", "sha256": recording.sha256},
        status=HTTPStatus.CREATED if is_new else HTTPStatus.OK,
    )


def _refused(status: HTTPStatus, reason: str) -> JsonResponse:
    return JsonResponse({"outcome": "refused", "reason": reason}, status=status)
