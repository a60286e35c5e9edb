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
        return formats.date_format(timezone.localtime(value), _("M j, Y, g:i A"))
    return formats.date_format(value, _("M j, Y"))


@register.filter
def month(first_day):
    """Write the calendar month of a date as `November 2026`."""
    return formats.date_format(first_day, _("F Y"))
