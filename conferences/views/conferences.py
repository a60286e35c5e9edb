"""The list of conferences, and one conference's page."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.paging import page_of
from conferences.models import Conference, DialInNumber
from conferences.pin_card import pin_card
from conferences.schedule_card import schedule_card
from conferences.tabs import tabs_of

#: How many of the latest calls stand on the conference's page.
LATEST_CALLS = 5


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
        {
            "sought": sought,
            "on_demand": on_demand,
            "one_time": one_time,
            "may_schedule": user.has_perm("conferences.add_conference"),
        },
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
            "schedule_card": schedule_card(user, conference, now=timezone.now()),
            "numbers": DialInNumber.objects.nearest_first(),
            **pin_card(request, conference, pins, now=timezone.now()),
            "latest": conference.sessions.with_code().with_usage()[:LATEST_CALLS],
        },
    )
