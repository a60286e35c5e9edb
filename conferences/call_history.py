"""The call history of a conference: what may be asked of it, and its minutes by month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import django_filters
from django import forms
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from accounts.filters import PeriodFilter
from accounts.periods import Month
from conferences.models import Conference, Leg
from conferences.models.session import SessionQuerySet

#: How many months the chart shows, the running one included.
CHARTED_MONTHS = 12


class CallFilter(PeriodFilter):
    """Narrows the sessions of one conference by day, billing code and caller."""

    instant = "started_at"

    code = django_filters.CharFilter(
        label=_("Billing code"),
        method="by_code",
        max_length=50,
        error_messages={"max_length": _("A billing code has at most 50 characters.")},
    )
    is_without_code = django_filters.BooleanFilter(
        label=_("Without a code"),
        method="by_missing_code",
        widget=forms.CheckboxInput,
    )
    caller = django_filters.CharFilter(
        label=_("Caller"),
        method="by_caller",
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": _("Name or number")}),
        error_messages={"max_length": _("Search for at most 100 characters.")},
    )

    def by_code(self, sessions, _name, words):
        return sessions.filter(code__icontains=words)

    def by_missing_code(self, sessions, _name, is_wanted):
        return sessions.filter(code="") if is_wanted else sessions

    def by_caller(self, sessions, _name, words):
        """Keep the calls that somebody was in whose name or number holds `words`.

        A number is found however it is written: `+1 (617) 555-0100` as `16175550100`.
        """
        wanted = Q(caller_name__icontains=words) | Q(caller_number__icontains=words)
        digits = "".join(sign for sign in words if sign.isdecimal())
        if digits and not any(sign.isalpha() for sign in words):
            wanted |= Q(caller_number__contains=digits)
        return sessions.filter(Exists(Leg.objects.filter(wanted, session=OuterRef("pk"))))


@dataclass(frozen=True, slots=True)
class MonthOfCalls:
    """What a conference was used in one calendar month; a call counts where it started."""

    first_day: dt.date
    calls: int = 0
    participants: int = 0
    minutes: int = 0


def months_of(conference: Conference, *, now: dt.datetime, zone: dt.tzinfo) -> list[MonthOfCalls]:
    """Sum up the last CHARTED_MONTHS months of `zone` up to the aware `now`, the oldest first."""
    months = [Month.containing(now, str(zone))]
    while len(months) < CHARTED_MONTHS:
        months.insert(0, months[0].previous())
    used = (
        Leg.objects.filter(session__conference=conference, session__started_at__gte=months[0].start)
        .order_by()
        .values(first_day=TruncMonth("session__started_at", tzinfo=zone))
        .annotate(
            calls=Count("session", distinct=True),
            participants=Count("pk"),
            minutes=Sum((F("seconds") + 59) / 60),
        )
    )
    by_day = {row.pop("first_day").date(): row for row in used}
    return [MonthOfCalls(month.first_day, **by_day.get(month.first_day, {})) for month in months]


def legs_of(sessions: SessionQuerySet):
    """Return the legs of `sessions`, the newest session first, each as its callers came."""
    in_order = ("-session__started_at", "-session", "joined_at", "pk")
    return Leg.objects.filter(session__in=sessions.order_by().values("pk")).order_by(*in_order)
