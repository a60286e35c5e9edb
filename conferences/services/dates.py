"""Setting, changing and clearing the date and time of a conference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile, fingerprint
from accounts.services.audit import record, record_difference
from conferences.models import Conference, Schedule
from conferences.schedules import next_start
from conferences.services import invitations
from conferences.services.holding import hold_open

#: What makes a date, and what of it calendars know.
IN_CALENDARS = ["starts_on", "starts_at_time", "time_zone", "minutes", "repeats", "ends_on"]
FIELDS = [*IN_CALENDARS, "expected_participants"]


class DateIsPast(Exception):
    """The first meeting, or all of them, would be before now."""


class OneTimeNeedsItsDate(Exception):
    """A one-time conference keeps its date; it can be cancelled instead."""


def seen_of(schedule: Schedule | None) -> str:
    """Return the fingerprint of a date, or of none, to be kept on the page."""
    return fingerprint(values_of(schedule))


def values_of(schedule: Schedule | None) -> dict[str, Any]:
    """Return what makes a date, by name; empty where there is none."""
    return {name: getattr(schedule, name) for name in FIELDS} if schedule else {}


@transaction.atomic
def set_date(
    conference: Conference, *, date: Mapping[str, Any], seen: str, by: Actor, now: dt.datetime
) -> Schedule:
    """Give `conference` the `date` (each of FIELDS), and tell whoever is invited of a change.

    `seen` is `seen_of` what the page showed. Where the date is so already, nothing is done.

    Raises ChangedMeanwhile, ConferenceClosed, DateIsPast, TooManyTries.
    """
    conference = hold_open(conference)
    schedule = getattr(conference, "schedule", None)
    before = values_of(schedule)
    if before == date:
        return schedule
    if seen != fingerprint(before):
        raise ChangedMeanwhile(str(conference))
    is_news = any(before.get(name) != date[name] for name in IN_CALENDARS)
    made = schedule or Schedule(conference=conference)
    for name in FIELDS:
        setattr(made, name, date[name])
    if is_news:
        refuse_the_past(made, first_was_on=before.get("starts_on"), now=now)
        made.sequence += bool(before)
    made.save()
    account = conference.account
    facts = {"before": before, "after": values_of(made)}
    record_difference("set the date of", conference, by=by, now=now, account=account, **facts)
    if is_news:
        invitations.tell_the_date(conference, now=now)
    return made


@transaction.atomic
def clear_date(conference: Conference, *, by: Actor, now: dt.datetime) -> Conference:
    """Let callers in at any time again, and cancel the invitations to the date.

    Without a date nothing is done. Raises ConferenceClosed, OneTimeNeedsItsDate.
    """
    conference = hold_open(conference)
    if conference.kind == Conference.Kind.ONE_TIME:
        raise OneTimeNeedsItsDate(str(conference))
    schedule = getattr(conference, "schedule", None)
    if schedule is None:
        return conference
    invitations.cancel_all(conference, now=now)
    before = values_of(schedule)
    schedule.delete()
    account = conference.account
    record("cleared the date of", conference, by=by, now=now, account=account, before=before)
    return Conference.objects.get(pk=conference.pk)


def refuse_the_past(
    schedule: Schedule, *, now: dt.datetime, first_was_on: dt.date | None = None
) -> None:
    """Raise DateIsPast unless the first meeting, or one of a repetition under way, is to come.

    `first_was_on` is where that repetition began.
    """
    is_under_way = schedule.starts_on == first_was_on
    if schedule.first_starts_at < now and not is_under_way:
        raise DateIsPast(str(schedule))
    if next_start(schedule, now=now) is None:
        raise DateIsPast(str(schedule))
