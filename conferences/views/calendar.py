"""The month at a glance: when the conferences meet that the reader may open."""

import calendar
import datetime as dt
from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import formats, timezone
from django.views.decorators.http import require_safe

from accounts.paging import page_of
from accounts.periods import Month
from conferences.models import Conference
from conferences.schedules import coming_up, meetings_between

#: Meetings to come that are listed beside the month.
LISTED = 10
#: Meetings of one day that the month shows; all are listed with the day alone.
SHOWN_PER_DAY = 4
#: Years that the calendar has.
YEARS = range(2000, 2100)


@require_safe
def calendar_view(request):
    """Show one month's meetings in the reader's zone, one day's, and those that come next."""
    user = request.user
    if not user.has_perm("conferences.list_conferences"):
        raise PermissionDenied
    conferences = Conference.objects.visible_to(user, "conferences.view_conference").open()
    month = _month_asked_for(request)
    days = _days_of(month)
    meetings = meetings_between(conferences, month.start, month.end)
    held = {day: list(those) for day, those in groupby(meetings, _day_of)}
    day = _day_asked_for(request)
    return render(
        request,
        "conferences/calendar_view.html",
        {
            "month": month,
            "previous": month.previous(),
            "next": month.next(),
            "weekdays": days[0],
            "weeks": _weeks(days, month, held, today=timezone.localdate()),
            "has_meetings": bool(meetings),
            "day": day if day in held else None,
            "on_day": page_of(request, held.get(day, [])),
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


def _day_asked_for(request):
    """Return the day that the address names; None if it names none."""
    try:
        return dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


def _days_of(month):
    """List the weeks that the month touches, each a list of seven dates."""
    first_weekday = (formats.get_format("FIRST_DAY_OF_WEEK") - 1) % 7  # of Python, 0 is Monday
    return calendar.Calendar(first_weekday).monthdatescalendar(month.year, month.month)


def _weeks(days, month, held, *, today):
    """Return for each week its days with the first meetings, None for days of other months."""
    return [
        [
            {
                "date": day,
                "is_today": day == today,
                "shown": held.get(day, [])[:SHOWN_PER_DAY],
                "more": max(0, len(held.get(day, [])) - SHOWN_PER_DAY),
            }
            if day.month == month.month
            else None
            for day in week
        ]
        for week in days
    ]


def _day_of(meeting):
    return timezone.localdate(meeting.starts_at)
