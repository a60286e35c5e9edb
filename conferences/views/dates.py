"""Setting and clearing dates, and scheduling and cancelling one-time conferences."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from accounts.editing import ChangedMeanwhile
from conferences.forms.dates import DateForm, OneTimeForm
from conferences.models import Conference, Schedule
from conferences.schedules import clashing
from conferences.services import dates, one_time
from conferences.services.holding import ConferenceClosed
from conferences.views.invitations import too_many_letters
from users.throttling import TooManyTries

#: Conferences at the same time that a warning names.
NAMED = 3


@require_http_methods(["GET", "HEAD", "POST"])
def conference_new(request):
    """Ask what a new one-time conference is like, make it, and open its page."""
    if not request.user.has_perm("conferences.add_conference"):
        raise PermissionDenied
    account = request.user.account
    form = OneTimeForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            conference = one_time.schedule_conference(
                account,
                about=form.about,
                date=form.date,
                token=form.cleaned_data["token"],
                by=actor_of(request),
                now=now,
            )
        except dates.DateIsPast:
            form.refuse_the_past()
        else:
            messages.success(
                request, _("%(name)s is scheduled. Its PINs are below.") % {"name": conference.name}
            )
            _warn_of_clashes(request, conference.schedule, now)
            return redirect(conference)
    return render(request, "conferences/conference_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def date_edit(request, pk):
    """Show the date and time of a conference; set it."""
    conference = _conference(request, pk)
    if not request.user.has_perm("conferences.change_schedule", conference):
        raise PermissionDenied
    schedule = getattr(conference, "schedule", None) or Schedule(conference=conference)
    form = DateForm(request.POST or None, instance=schedule, today=timezone.localdate())
    if conference.closed_at is not None:
        return _closed(request, conference)
    if request.method == "POST" and form.is_valid() and (done := _set(request, conference, form)):
        return done
    return render(
        request,
        "conferences/date_edit.html",
        {
            "conference": conference,
            "form": form,
            "may_repeat": "repeats" in form.fields,
            "invited": conference.invitations.standing().count(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def date_clear(request, pk):
    """Say what it means to clear a date; do it once that is agreed to."""
    conference = _conference(request, pk)
    if not request.user.has_perm("conferences.change_schedule", conference):
        raise PermissionDenied
    if request.method != "POST":
        return _confirm(request, conference, "conferences/date_clear.html")
    try:
        dates.clear_date(conference, by=actor_of(request), now=timezone.now())
    except ConferenceClosed:
        return _closed(request, conference)
    except dates.OneTimeNeedsItsDate:
        messages.error(
            request,
            _("A one-time conference keeps its date. Change the date, or cancel the conference."),
        )
    else:
        messages.success(request, _("The date is cleared: callers get in at any time."))
    return redirect(conference)


@require_http_methods(["GET", "HEAD", "POST"])
def conference_cancel(request, pk):
    """Say what it means to cancel a one-time conference; do it once that is agreed to."""
    conference = _conference(request, pk)
    if not request.user.has_perm("conferences.change_conference", conference):
        raise PermissionDenied
    if request.method != "POST":
        return _confirm(request, conference, "conferences/conference_cancel.html")
    try:
        one_time.cancel_conference(conference, by=actor_of(request), now=timezone.now())
    except ConferenceClosed:
        return _closed(request, conference)
    except one_time.NotOneTime:
        messages.error(
            request, _("An on-demand conference is not cancelled. You can clear its date.")
        )
    else:
        messages.success(request, _("%(name)s is cancelled.") % {"name": conference.name})
    return redirect(conference)


def _conference(request, pk):
    visible = Conference.objects.visible_to(request.user).select_related("schedule")
    return get_object_or_404(visible, pk=pk)


def _set(request, conference, form):
    """Set the date and lead to the conference; where that cannot be, say why and return None."""
    now = timezone.now()
    try:
        schedule = dates.set_date(
            conference,
            date=form.date,
            seen=form.cleaned_data["seen"],
            by=actor_of(request),
            now=now,
        )
    except ConferenceClosed:
        return _closed(request, conference)
    except dates.DateIsPast:
        form.refuse_the_past()
    except TooManyTries:
        form.add_error(None, too_many_letters())
    except ChangedMeanwhile:
        current = Schedule.objects.filter(conference=conference).first()
        form.show_beside(current, now=now)
    else:
        messages.success(request, _("The date and time are set."))
        _warn_of_clashes(request, schedule, now)
        return redirect(conference)
    return None


def _closed(request, conference):
    messages.error(request, _("%(name)s is closed.") % {"name": conference.name})
    return redirect(conference)


def _confirm(request, conference, template):
    invited = conference.invitations.standing().count()
    return render(request, template, {"conference": conference, "invited": invited})


def _warn_of_clashes(request, schedule, now):
    """Name conferences that the reader may open and that meet at the same time."""
    visible = Conference.objects.visible_to(request.user, "conferences.view_conference").open()
    if found := clashing(schedule, visible, now=now):
        names = [conference.name for conference in found[:NAMED]]
        if len(found) > NAMED:
            names.append(_("%(count)d more") % {"count": len(found) - NAMED})
        sentence = _("At the same time there is also: %(names)s.")
        messages.warning(request, sentence % {"names": get_text_list(names, _("and"))})
