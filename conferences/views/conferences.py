"""The list of conferences, and one conference's page."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.paging import page_of
from conferences.models import Conference, DialInNumber
from conferences.pin_card import pin_card
from conferences.tabs import tabs_of

#: Sessions on one page of the call history.
HISTORY_SIZE = 25


@require_safe
def conference_list(request):
    """Show the Conference Manager: on-demand lines, and one-time use under its own heading."""
    user = request.user
    if not user.has_perm("conferences.list_conferences"):
        raise PermissionDenied
    sought = request.GET.get("q", "").replace("\0", "").strip()  # no name can hold a NUL
    found = Conference.objects.visible_to(user).matching(sought).with_last_call()
    on_demand = page_of(request, found.on_demand(), parameter="on_demand")
    one_time = page_of(request, found.one_time().latest_first(), parameter="one_time")
    for conference in [*on_demand, *one_time]:
        conference.may_view = user.has_perm("conferences.view_conference", conference)
    return render(
        request,
        "conferences/conference_list.html",
        {"sought": sought, "on_demand": on_demand, "one_time": one_time},
    )


@require_safe
def conference_view(request, pk):
    """Show one conference: how to call in, its PINs, options, schedule and call history."""
    user = request.user
    conference = get_object_or_404(
        Conference.objects.visible_to(user).select_related("schedule"), pk=pk
    )
    if not user.has_perm("conferences.view_conference", conference):
        raise PermissionDenied
    pins = conference.pins.of_kinds_visible_to(user, conference)
    return render(
        request,
        "conferences/conference_view.html",
        {
            "conference": conference,
            "tabs": tabs_of(user, conference),
            "current": "overview",
            "schedule": getattr(conference, "schedule", None),
            "numbers": DialInNumber.objects.nearest_first(),
            "history": page_of(
                request, conference.sessions.with_usage(), size=HISTORY_SIZE, parameter="history"
            ),
            **pin_card(request, conference, pins, now=timezone.now()),
        },
    )
