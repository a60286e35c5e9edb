"""When conferences meet next, from their schedules."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from operator import attrgetter
from zoneinfo import ZoneInfo

from dateutil import rrule

from conferences.models import Conference, Schedule
from conferences.models.conference import ConferenceQuerySet

FREQUENCIES = {
    Schedule.Repeats.DAILY: rrule.DAILY,
    Schedule.Repeats.WEEKLY: rrule.WEEKLY,
    Schedule.Repeats.MONTHLY: rrule.MONTHLY,
}


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


def coming_up(conferences: ConferenceQuerySet, *, now: dt.datetime) -> list[Meeting]:
    """List the next meeting of each of `conferences` that has one, the soonest first."""
    meetings = []
    for conference in conferences.filter(schedule__isnull=False).select_related("schedule"):
        start = next_start(conference.schedule, now=now)
        if start is not None:
            meetings.append(Meeting(conference, start, conference.schedule.minutes))
    return sorted(meetings, key=attrgetter("starts_at"))
