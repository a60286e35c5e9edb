"""An address that keeps what bridges send, as the one for call records does; the other is real."""

from django.core.cache import cache
from django.http import HttpResponse
from django.urls import path

from conferences.bridge.authentication import for_bridges
from conferences.bridge.recordings import recording_upload


@for_bridges
def keep(request, *, bridge):
    """Keep the body, or answer what the test has asked for."""
    status = cache.get("answer", 200)
    if status == 200:
        kept = cache.get("kept", [])
        name = request.GET["name"]
        cache.set("kept", [*kept, (bridge.name, name, request.content_type, request.body)])
    return HttpResponse(status=status)


urlpatterns = [path("bridge/records/", keep), path("bridge/recordings/", recording_upload)]
