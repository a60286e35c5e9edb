"""Recordings: all that one may hear, those of a conference, the player, and the sound itself."""

import re

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import actor_of
from accounts.paging import page_of
from conferences.models import Conference, Recording, Session
from conferences.recordings import ranges
from conferences.recordings.filter import RecordingFilter
from conferences.recordings.storage import recordings_storage
from conferences.services.recordings import note_heard
from conferences.services.retention import RecordingHeld, delete_recording
from conferences.tabs import tabs_of

#: What no file system, and no shell, likes in a file's name.
UNWELCOME = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|]+')
LONGEST_NAME = 100


@require_safe
def recordings(request):
    """Show every recording that the reader may hear, the newest first."""
    if not request.user.has_perm("conferences.list_conferences"):
        raise PermissionDenied
    visible = Recording.objects.visible_to(request.user).select_related("conference")
    wanted = RecordingFilter(request.GET, visible, request=request)
    return render(
        request,
        "conferences/recordings.html",
        {
            "form": wanted.form,
            "is_narrowed": wanted.is_narrowed,
            "recordings": page_of(request, wanted.found()),
        },
    )


@require_safe
def recording_list(request, pk):
    """Show the recordings of one conference."""
    user = request.user
    visible = Conference.objects.visible_to(user).select_related("schedule")
    conference = get_object_or_404(visible, pk=pk)
    if not user.has_perm("conferences.view_recording", conference):
        raise PermissionDenied
    return render(
        request,
        "conferences/recording_list.html",
        {
            "conference": conference,
            "tabs": tabs_of(user, conference),
            "current": "recordings",
            "recordings": page_of(request, conference.recordings.present()),
        },
    )


@require_safe
def recording_view(request, recording_pk):
    """Show one recording: the player, how long it is kept, and of which call it is."""
    user = request.user
    visible = Recording.objects.visible_to(user).select_related("conference")
    recording = get_object_or_404(visible, pk=recording_pk)
    may_view = user.has_perm("conferences.view_conference", recording.conference)
    calls = Session.objects.with_usage().filter(pk=recording.session_id)
    return render(
        request,
        "conferences/recording_view.html",
        {
            "recording": recording,
            "may_view": may_view,
            "may_delete": user.has_perm("conferences.delete_recording", recording.conference),
            "call": calls.first() if may_view else None,
        },
    )


@require_safe
def recording_audio(request, recording_pk):
    """Give the player the part of the sound that it asks for."""
    visible = Recording.objects.visible_to(request.user).select_related("conference__account")
    return _sound(request, get_object_or_404(visible, pk=recording_pk), "played")


@require_safe
def recording_download(request, recording_pk):
    """Give the sound as a file to keep."""
    visible = Recording.objects.visible_to(request.user).select_related("conference__account")
    return _sound(request, get_object_or_404(visible, pk=recording_pk), "downloaded")


@require_http_methods(["GET", "HEAD", "POST"])
def recording_delete(request, recording_pk):
    """Ask whether to delete one recording, and do it."""
    user = request.user
    visible = Recording.objects.visible_to(user).select_related("conference")
    recording = get_object_or_404(visible, pk=recording_pk)
    if not user.has_perm("conferences.delete_recording", recording.conference):
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "conferences/recording_delete.html", {"recording": recording})
    try:
        delete_recording(recording, by=actor_of(request), now=timezone.now())
    except RecordingHeld:
        messages.error(request, _("This recording is held, so nobody can delete it."))
        return redirect(recording)
    messages.success(request, _("The recording is deleted."))
    return redirect("conferences:recording_list", recording.conference.pk)


def _sound(request, recording, verb):
    """Answer with the part that is asked for, and write down that somebody hears it."""
    etag = recording.etag
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition_header(
            verb == "downloaded", _file_name(recording)
        ),
        "ETag": etag,
    }
    try:
        part = ranges.part_wanted(request, size=recording.size, etag=etag)
    except ranges.NotSatisfiable:
        return HttpResponse(
            status=416, headers={**headers, "Content-Range": f"bytes */{recording.size}"}
        )
    if request.method == "GET":
        from_start = part.start == 0
        by, now = actor_of(request), timezone.now()
        note_heard(recording, verb, from_start=from_start, by=by, now=now)
    if settings.X_ACCEL_PREFIX:
        headers["X-Accel-Redirect"] = settings.X_ACCEL_PREFIX + recording.file.name
        return HttpResponse(content_type=recording.content_type, headers=headers)
    headers["Content-Length"] = part.length
    if not part.is_whole:
        headers["Content-Range"] = part.content_range
    return _streamed(request, recording, part, headers)


def _streamed(request, recording, part, headers):
    kind = {"content_type": recording.content_type, "status": 200 if part.is_whole else 206}
    if request.method == "HEAD":
        return HttpResponse(headers=headers, **kind)
    chunks = recordings_storage().chunks_between(recording.file.name, part.start, part.stop)
    return StreamingHttpResponse(chunks, headers=headers, **kind)


def _file_name(recording):
    """Name the file by conference and time in the reader's zone: `Board 2026-11-03 1405.wav`."""
    conference = UNWELCOME.sub("-", recording.conference.name)[:LONGEST_NAME].strip(" .")
    started_at = timezone.localtime(recording.started_at)
    suffix = recording.file.name.rpartition(".")[2]
    return f"{conference} {started_at:%Y-%m-%d %H%M}.{suffix}"
