"""When conferences meet next, from their schedules."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from operator import attrgetter
from zoneinfo import ZoneInfo

from dateutil import rrule

from conferences.models import Conference, Pin, Schedule
from conferences.models.conference import ConferenceQuerySet

FREQUENCIES = {
    Schedule.Repeats.DAILY: rrule.DAILY,
    Schedule.Repeats.WEEKLY: rrule.WEEKLY,
    Schedule.Repeats.MONTHLY: rrule.MONTHLY,
}
#: How long before the start one may enter; everybody else than moderators at the last.
MODERATORS_EARLY = dt.timedelta(minutes=15)
OTHERS_EARLY = dt.timedelta(minutes=5)
INSTANT = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting to come."""

    conference: Conference
    starts_at: dt.datetime
    minutes: int


def next_start(schedule: Schedule, *, now: dt.datetime) -> dt.datetime | None:
    """Return the first start at or after the aware `now`, None after the last.

    Repeats are counted on the wall clock of the schedule's zone, so that nine o'clock stays nine
    o'clock over a change of the clocks.
    """
    zone = ZoneInfo(schedule.time_zone)
    first = dt.datetime.combine(schedule.starts_on, schedule.starts_at_time)
    if schedule.repeats == Schedule.Repeats.ONCE:
        start = first.replace(tzinfo=zone)
        return start if start >= now else None
    rule = rrule.rrule(FREQUENCIES[schedule.repeats], dtstart=first)
    after = rule.after(now.astimezone(zone).replace(tzinfo=None), inc=True)
    return after.replace(tzinfo=zone)


def is_open_for(conference: Conference, kind: str, *, now: dt.datetime) -> bool:
    """Tell whether a PIN of `kind` may enter at `now`; without a schedule it always may."""
    schedule = getattr(conference, "schedule", None)
    if schedule is None:
        return True
    ends_later = now - dt.timedelta(minutes=schedule.minutes) + INSTANT
    start = next_start(schedule, now=ends_later)
    return start is not None and start <= now + _early(kind)


def opens_next(conference: Conference, kind: str, *, now: dt.datetime) -> dt.datetime | None:
    """Return when a PIN of `kind` may enter next, after `now`; None where it never will."""
    schedule = getattr(conference, "schedule", None)
    if schedule is None:
        return None
    start = next_start(schedule, now=now + _early(kind) + INSTANT)
    return start and start - _early(kind)


def coming_up(conferences: ConferenceQuerySet, *, now: dt.datetime) -> list[Meeting]:
    """List the next meeting of each of `conferences` that has one, the soonest first."""
    meetings = []
    for conference in conferences.filter(schedule__isnull=False).select_related("schedule"):
        start = next_start(conference.schedule, now=now)
        if start is not None:
            meetings.append(Meeting(conference, start, conference.schedule.minutes))
    return sorted(meetings, key=attrgetter("starts_at"))


def _early(kind: str) -> dt.timedelta:
    return MODERATORS_EARLY if kind == Pin.Kind.MODERATOR else OTHERS_EARLY
