"""What every request of a signed-in person gets."""

import zoneinfo

from django.utils import timezone


class ReaderTimeZoneMiddleware:
    """Shows times in the reader's own zone, on every page they open."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            return self.get_response(request)
