"""How dates of conferences are told in words."""

from django import template
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.dates import when
from conferences.models import Schedule

register = template.Library()


@register.filter
def repeated(schedule):
    """Write how often a schedule repeats: `Every Tuesday, until Mar 30, 2027`."""
    words = {
        Schedule.Repeats.ONCE: _("Once"),
        Schedule.Repeats.DAILY: _("Every day"),
        Schedule.Repeats.WEEKLY: _("Every %(weekday)s"),
        Schedule.Repeats.MONTHLY: _("Every month on day %(day)d"),
    }[schedule.repeats] % {
        "weekday": formats.date_format(schedule.starts_on, "l"),
        "day": schedule.starts_on.day,
    }
    if schedule.repeats == Schedule.Repeats.MONTHLY and schedule.starts_on.day > 28:
        words = _("%(words)s, not in months without it") % {"words": words}
    if schedule.ends_on and schedule.repeats != Schedule.Repeats.ONCE:
        words = _("%(words)s, until %(day)s") % {"words": words, "day": when(schedule.ends_on)}
    return words


@register.filter
def for_minutes(minutes):
    """Write a length: `45 minutes`, `1 hour`, `1 hour 30 minutes`."""
    hours, rest = divmod(minutes, 60)
    parts = [
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours else "",
        ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest} if rest else "",
    ]
    return " ".join(filter(None, parts))


@register.filter
def city(zone):
    """Write a time zone as people name it: `America/New York`."""
    return str(zone).replace("_", " ")
