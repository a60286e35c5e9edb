"""The month at a glance: when the conferences meet that the reader may open."""

import calendar
from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import formats, timezone
from django.views.decorators.http import require_safe

from accounts.periods import Month
from conferences.models import Conference
from conferences.schedules import coming_up, meetings_between

#: Meetings to come that are listed beside the month.
LISTED = 10
#: Meetings of one day that are shown at once; more unfold.
SHOWN_PER_DAY = 4
#: Years that the calendar has.
YEARS = range(2000, 2100)


@require_safe
def calendar_view(request):
    """Show one month's meetings in the reader's zone, and those that come next."""
    user = request.user
    if not user.has_perm("conferences.list_conferences"):
        raise PermissionDenied
    conferences = Conference.objects.visible_to(user, "conferences.view_conference").open()
    month = _month_asked_for(request)
    days = _days_of(month)
    meetings = meetings_between(conferences, month.start, month.end)
    return render(
        request,
        "conferences/calendar_view.html",
        {
            "month": month,
            "previous": month.previous(),
            "next": month.next(),
            "weekdays": days[0],
            "weeks": _weeks(days, month, meetings, today=timezone.localdate()),
            "has_meetings": bool(meetings),
            "coming_up": coming_up(conferences, now=timezone.now())[:LISTED],
            "may_schedule": user.has_perm("conferences.add_conference"),
        },
    )


def _month_asked_for(request):
    """Return the month that the address names, in the reader's zone; this one if it names none."""
    zone = timezone.get_current_timezone_name()
    try:
        month = Month.parse(request.GET.get("month", ""), zone)
    except ValueError:
        return Month.containing(timezone.now(), zone)
    return month if month.year in YEARS else Month.containing(timezone.now(), zone)


def _days_of(month):
    """List the weeks that the month touches, each a list of seven dates."""
    first_weekday = (formats.get_format("FIRST_DAY_OF_WEEK") - 1) % 7  # of Python, 0 is Monday
    return calendar.Calendar(first_weekday).monthdatescalendar(month.year, month.month)


def _weeks(days, month, meetings, *, today):
    """Return for each week its days with their meetings, None for days of other months."""
    held = {day: list(those) for day, those in groupby(meetings, _day_of)}
    return [
        [
            {
                "date": day,
                "is_today": day == today,
                "shown": held.get(day, [])[:SHOWN_PER_DAY],
                "more": held.get(day, [])[SHOWN_PER_DAY:],
            }
            if day.month == month.month
            else None
            for day in week
        ]
        for week in days
    ]


def _day_of(meeting):
    return timezone.localdate(meeting.starts_at)
