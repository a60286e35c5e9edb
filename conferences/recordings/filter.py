"""What may be asked of the recordings: of which conference, from which days."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.filters import PeriodFilter


class RecordingFilter(PeriodFilter):
    """Narrows recordings by conference and day."""

    instant = "started_at"

    q = django_filters.CharFilter(
        label=_("Conference"),
        method="of_conference",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or number")}),
        error_messages={"max_length": _("Search for at most 100 characters.")},
    )

    def of_conference(self, recordings, _name, words):
        return recordings.matching(words)
