"""An address that keeps what bridges send, as the one for call records does."""

from django.core.cache import cache
from django.http import HttpResponse
from django.urls import path

from conferences.bridge.authentication import for_bridges


@for_bridges
def keep(request, *, bridge):
    """Keep the body, or answer what the test has asked for."""
    status = cache.get("answer", 200)
    if status == 200:
        kept = cache.get("kept", [])
        name = request.GET["name"]
        cache.set("kept", [*kept, (bridge.name, name, request.content_type, request.body)])
    return HttpResponse(status=status)


urlpatterns = [path("bridge/records/", keep)]
