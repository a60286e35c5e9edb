"""How days and instants are written on pages, in the reader's zone."""

import datetime as dt

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def when(value):
    """Write a date as `Nov 3, 2026` and an instant as `Nov 3, 2026, 2:05 PM`; nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, dt.datetime):
        local = value.astimezone(timezone.get_current_timezone())
        return formats.date_format(local, _("M j, Y, g:i\N{NO-BREAK SPACE}A"))
    return formats.date_format(value, _("M j, Y"))


@register.filter
def clock(instant):
    """Write the time of day of an instant as `2:05 PM`."""
    local = instant.astimezone(timezone.get_current_timezone())
    return formats.date_format(local, _("g:i\N{NO-BREAK SPACE}A"))


@register.filter
def clock_after(instant, start):
    """Write the time of day of an instant, with its day where that is not the day of `start`."""
    zone = timezone.get_current_timezone()
    is_same_day = instant.astimezone(zone).date() == start.astimezone(zone).date()
    return clock(instant) if is_same_day else when(instant)


@register.filter
def month(first_day):
    """Write the calendar month of a date as `November 2026`."""
    return formats.date_format(first_day, _("F Y"))


@register.filter
def short_month(first_day):
    """Write the calendar month of a date as `Nov 2026`, for the columns of tables."""
    return formats.date_format(first_day, _("M Y"))


@register.filter
def lasting_until(start, end):
    """Write the time between two instants in whole minutes, begun ones counted: `1 h 5 min`."""
    minutes = -((start - end) // dt.timedelta(minutes=1))
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    hours, rest = divmod(minutes, 60)
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
