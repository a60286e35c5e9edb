"""Filters of long lists by days and words, and that of the audit log: whose doings, which, when."""

import datetime as dt

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

#: What the list of people calls the operator's staff, who are not of the account.
OPERATOR = "operator"
THIS_CENTURY = [
    MinValueValidator(dt.date(2000, 1, 1), _("Choose a day of this century.")),
    MaxValueValidator(dt.date(2099, 12, 31), _("Choose a day of this century.")),
]


class PeriodForm(forms.Form):
    """The fields of a filter together."""

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return cleaned


def people_of(request):
    """Return everybody who is or was of the reader's account."""
    return request.user.account.users.order_by("name", "email")


def day_filter(label, method):
    return django_filters.DateFilter(
        label=label,
        method=method,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=THIS_CENTURY,
        error_messages={"invalid": _("Write a day like 11/25/2026.")},
    )


class PeriodFilter(django_filters.FilterSet):
    """Narrows rows by the day of their `instant` in the reader's zone, and by more."""

    #: The field by which a row has its day.
    instant = ""
    since = day_filter(_("From"), "since_day")
    until = day_filter(_("Until"), "until_day")

    class Meta:
        form = PeriodForm

    def found(self):
        """Return the rows asked for; none where the question makes no sense."""
        return self.qs if self.is_valid() else self.queryset.none()

    @property
    def asked(self):
        """What was filled in, as it was typed, by field."""
        return {name: self.data[name] for name in self.filters if self.data.get(name)}

    @property
    def is_narrowed(self):
        return bool(self.asked)

    def in_words(self):
        """Return what was asked by the names of the fields, for the audit log."""
        return {str(self.form.fields[name].label): typed for name, typed in self.asked.items()}

    @property
    def query(self):
        """The question as the end of an address, without the page."""
        return urlencode(self.asked)

    def since_day(self, rows, _name, day):
        return rows.filter(**{f"{self.instant}__gte": _midnight(day)})

    def until_day(self, rows, _name, day):
        return rows.filter(**{f"{self.instant}__lt": _midnight(day + dt.timedelta(days=1))})


class LogFilter(PeriodFilter):
    """Narrows the entries of one account."""

    instant = "at"

    q = django_filters.CharFilter(
        label=_("Search"),
        method="search",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or thing")}),
        error_messages={"max_length": _("Search for at most 100 characters.")},
    )
    who = django_filters.ModelChoiceFilter(
        label=_("Person"),
        queryset=people_of,
        method="by_person",
        empty_label=_("Everybody"),
        null_label=_("The operator's staff"),
        null_value=OPERATOR,
        error_messages={"invalid_choice": _("Choose a person from the list.")},
    )
    did = django_filters.ChoiceFilter(
        label=_("What was done"),
        field_name="verb",
        empty_label=_("Everything"),
        error_messages={"invalid_choice": _("Choose one of the list.")},
    )

    def __init__(self, data, queryset, *, request):
        super().__init__(data, queryset, request=request)
        verbs = queryset.verbs()
        self.filters["did"].extra["choices"] = [(verb, capfirst(verb)) for verb in verbs]

    def search(self, entries, _name, words):
        return entries.filter(Q(actor_label__icontains=words) | Q(subject__icontains=words))

    def by_person(self, entries, _name, person):
        if person == OPERATOR:
            return entries.filter(actor__is_staff=True)
        return entries.filter(actor=person)


def _midnight(day):
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
