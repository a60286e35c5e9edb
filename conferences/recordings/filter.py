"""What may be asked of the recordings: of which conference, from which days."""

import datetime as dt

import django_filters
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.filters import LogFilterForm, day_filter


class RecordingFilter(django_filters.FilterSet):
    """Narrows recordings; days are those of the reader's zone."""

    q = django_filters.CharFilter(
        label=_("Conference"),
        method="of_conference",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or number")}),
        error_messages={"max_length": _("Search for at most 100 characters.")},
    )
    since = day_filter(_("From"), "since_day")
    until = day_filter(_("Until"), "until_day")

    class Meta:
        form = LogFilterForm

    def found(self):
        """Return the recordings asked for; none where the question makes no sense."""
        return self.qs if self.is_valid() else self.queryset.none()

    @property
    def is_narrowed(self):
        return any(self.data.get(name) for name in self.filters)

    def of_conference(self, recordings, _name, words):
        return recordings.matching(words)

    def since_day(self, recordings, _name, day):
        return recordings.filter(started_at__gte=_midnight(day))

    def until_day(self, recordings, _name, day):
        return recordings.filter(started_at__lt=_midnight(day + dt.timedelta(days=1)))


def _midnight(day):
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
