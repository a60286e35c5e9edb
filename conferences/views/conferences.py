"""The list of conferences, one conference's page, and changing it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import actor_of
from accounts.editing import ChangedMeanwhile
from accounts.paging import page_of
from conferences.forms.conference import ConferenceForm
from conferences.models import Conference, DialInNumber
from conferences.pin_card import pin_card
from conferences.schedule_card import schedule_card
from conferences.schedules import next_start
from conferences.services.conferences import last_change, update_conference
from conferences.services.live import counts_on_now
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
    found = Conference.objects.visible_to(user).matching(sought, reader=user).with_last_call()
    on_demand = found.on_demand().select_related("schedule")
    lists = {
        "on_demand": page_of(request, on_demand, parameter="on_demand"),
        "one_time": page_of(request, found.one_time().latest_first(), parameter="one_time"),
    }
    _tell_apart([*lists["on_demand"], *lists["one_time"]], user, now=timezone.now())
    return render(
        request,
        "conferences/conference_list.html",
        {"sought": sought, "may_schedule": user.has_perm("conferences.add_conference"), **lists},
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
            "may_change": user.has_perm("conferences.change_conference", conference),
            "numbers": DialInNumber.objects.nearest_first(),
            **pin_card(request, conference, pins, now=timezone.now()),
            "latest": conference.sessions.with_code().with_usage()[:LATEST_CALLS],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def conference_edit(request, pk):
    """Show the name, the options and the billing code to be changed, and change them."""
    user = request.user
    conference = get_object_or_404(Conference.objects.visible_to(user), pk=pk)
    if not user.has_perm("conferences.change_conference", conference):
        raise PermissionDenied
    form = ConferenceForm(request.POST or None, instance=conference)
    meanwhile = None
    if request.method == "POST" and form.is_valid():
        try:
            update_conference(
                conference,
                changes=form.changes,
                seen=form.cleaned_data["seen"],
                by=actor_of(request),
                now=timezone.now(),
            )
        except ChangedMeanwhile:
            form.show_beside(Conference.objects.get(pk=pk))
            meanwhile = last_change(conference)
        else:
            messages.success(request, _("The conference is updated."))
            return redirect("conferences:conference_view", pk)
    context = {"conference": Conference.objects.get(pk=pk), "form": form, "meanwhile": meanwhile}
    return render(request, "conferences/conference_edit.html", context)


def _tell_apart(conferences, user, *, now):
    """Note on each row what `user` may do there, when it meets next, and how many are on now."""
    counts = counts_on_now()
    for conference in conferences:
        conference.may_view = user.has_perm("conferences.view_conference", conference)
        conference.may_moderate = user.has_perm("conferences.moderate_call", conference)
        conference.on_now = counts.get(conference.number, 0) if conference.may_view else 0
        has_date = conference.may_view and not conference.closed_at
        schedule = getattr(conference, "schedule", None) if has_date else None
        conference.next_at = next_start(schedule, now=now) if schedule else None
