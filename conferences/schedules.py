"""When conferences meet, and when their PINs work: dates on the wall clock of a zone, as instants.

Nine o'clock stays nine o'clock over a change of the clocks. Of a time that comes twice the first
counts. A repetition that falls on a time which the clocks leave out is held as much later as they
are put forward, so that callers get in (RFC 5545, 3.3.5); one on a day that a month does not have
is left out (3.3.10). Days are counted, not walked through: a line that has met daily for years
answers as fast as a new one.
"""

from __future__ import annotations

import datetime as dt
import itertools
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from zoneinfo import ZoneInfo

from conferences.models import Conference, Pin, Schedule
from conferences.models.conference import ConferenceQuerySet

#: How long before the start each kind of PIN lets in.
EARLY = {
    Pin.Kind.MODERATOR: dt.timedelta(minutes=15),
    Pin.Kind.SPEAKER: dt.timedelta(minutes=5),
    Pin.Kind.PARTICIPANT: dt.timedelta(minutes=5),
}
#: How far ahead repetitions are held beside each other to find meetings at the same time.
LOOKING_AHEAD = dt.timedelta(days=31)
DAY = dt.timedelta(days=1)
MOMENT = dt.timedelta.resolution


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a conference; instants in UTC."""

    conference: Conference
    starts_at: dt.datetime
    minutes: int


def is_open_for(conference: Conference, kind: str, *, now: dt.datetime) -> bool:
    """Tell whether PINs of `kind` let callers in at the aware `now`.

    Always without a schedule, never after closing. Asks nothing of the database where the
    conference was fetched with its schedule.
    """
    if conference.closed_at is not None:
        return False
    schedule = _schedule_of(conference)
    if schedule is None:
        return True
    start = next(starts(schedule, since=now - length_of(schedule) + MOMENT), None)
    return start is not None and start - EARLY[kind] <= now


def opens_next(conference: Conference, kind: str, *, now: dt.datetime) -> dt.datetime | None:
    """Return the next instant after `now` from which PINs of `kind` let callers in.

    None without a schedule, after closing, and where no meeting is to come.
    """
    schedule = _schedule_of(conference)
    if schedule is None or conference.closed_at is not None:
        return None
    start = next(starts(schedule, since=now + EARLY[kind] + MOMENT), None)
    return start and start - EARLY[kind]


def next_start(schedule: Schedule, *, now: dt.datetime) -> dt.datetime | None:
    """Return the first start at or after the aware `now`, in UTC; None after the last."""
    return next(starts(schedule, since=now), None)


def next_starts(schedule: Schedule, *, now: dt.datetime, count: int) -> list[dt.datetime]:
    """List the first `count` starts at or after the aware `now`, in UTC."""
    return list(itertools.islice(starts(schedule, since=now), count))


def last_end(schedule: Schedule) -> dt.datetime | None:
    """Return when the last meeting ends, in UTC; None where the repetition has no end."""
    if schedule.repeats == Schedule.Repeats.ONCE:
        return schedule.first_starts_at + length_of(schedule)
    if schedule.ends_on is None:
        return None
    last = max(_days(schedule, since=schedule.ends_on - 366 * DAY), default=schedule.starts_on)
    return schedule.start_on(last) + length_of(schedule)


def length_of(schedule: Schedule) -> dt.timedelta:
    return dt.timedelta(minutes=schedule.minutes)


def starts(schedule: Schedule, *, since: dt.datetime) -> Iterator[dt.datetime]:
    """Yield the starts at or after the aware `since`, in order, in UTC; perhaps without an end."""
    day = since.astimezone(ZoneInfo(schedule.time_zone)).date() - DAY
    previous = None
    for start in map(schedule.start_on, _days(schedule, since=day)):
        # A day that a zone left out altogether (Samoa, 2011) is held on the next, once.
        if start >= since and start != previous:
            yield start
        previous = start


def is_on_the_clock(day: dt.date, time: dt.time, zone: str) -> bool:
    """Tell whether clocks in `zone` show `time` on `day`, or are put forward over it."""
    wall = dt.datetime.combine(day, time, tzinfo=ZoneInfo(zone))
    there = wall.astimezone(dt.UTC).astimezone(ZoneInfo(zone))
    return there.replace(tzinfo=None) == wall.replace(tzinfo=None)


def coming_up(conferences: ConferenceQuerySet, *, now: dt.datetime) -> list[Meeting]:
    """List the next meeting of each of `conferences` that has one, the soonest first."""
    found = [
        Meeting(conference, start, conference.schedule.minutes)
        for conference in _scheduled(conferences)
        if (start := next_start(conference.schedule, now=now))
    ]
    return sorted(found, key=attrgetter("starts_at"))


def meetings_between(
    conferences: ConferenceQuerySet, since: dt.datetime, until: dt.datetime
) -> list[Meeting]:
    """List the meetings of `conferences` that start from `since` on and before `until`, in order.

    One query, whatever the number of conferences.
    """
    found = [
        Meeting(conference, start, conference.schedule.minutes)
        for conference in _scheduled(conferences)
        for start in itertools.takewhile(
            lambda start: start < until, starts(conference.schedule, since=since)
        )
    ]
    return sorted(found, key=attrgetter("starts_at"))


def clashing(
    schedule: Schedule, conferences: ConferenceQuerySet, *, now: dt.datetime
) -> list[Conference]:
    """List those of `conferences` that meet while `schedule` does, within LOOKING_AHEAD.

    Its own conference is not among them.
    """
    ahead = itertools.takewhile(
        lambda start: start < now + LOOKING_AHEAD, starts(schedule, since=now)
    )
    own = list(ahead) or next_starts(schedule, now=now, count=1)
    others = conferences.exclude(pk=schedule.conference_id)
    return [
        conference
        for conference in _scheduled(others)
        if any(_meets_while(conference.schedule, start, length_of(schedule)) for start in own)
    ]


def _meets_while(schedule: Schedule, start: dt.datetime, length: dt.timedelta) -> bool:
    other = next(starts(schedule, since=start - length_of(schedule) + MOMENT), None)
    return other is not None and other < start + length


def _schedule_of(conference: Conference) -> Schedule | None:
    return getattr(conference, "schedule", None)


def _scheduled(conferences: ConferenceQuerySet) -> ConferenceQuerySet:
    return conferences.filter(schedule__isnull=False).select_related("schedule")


def _days(schedule: Schedule, *, since: dt.date) -> Iterator[dt.date]:
    """Yield the days of the meetings from `since` on, as the zone of the schedule counts days."""
    if schedule.repeats == Schedule.Repeats.ONCE:
        if schedule.starts_on >= since:
            yield schedule.starts_on
        return
    of_months = schedule.repeats == Schedule.Repeats.MONTHLY
    days = _monthly(schedule.starts_on, since) if of_months else _every_so_many(schedule, since)
    last = schedule.ends_on or dt.date.max
    yield from itertools.takewhile(lambda day: day <= last, days)


def _every_so_many(schedule: Schedule, since: dt.date) -> Iterator[dt.date]:
    step = 1 if schedule.repeats == Schedule.Repeats.DAILY else 7
    first = schedule.starts_on.toordinal()
    passed = max(0, -((first - since.toordinal()) // step))
    ordinals = range(first + passed * step, dt.date.max.toordinal(), step)
    return map(dt.date.fromordinal, ordinals)


def _monthly(first: dt.date, since: dt.date) -> Iterator[dt.date]:
    """Yield the day of `first` in each month that has it, from `since` on."""
    months = range(_month_number(max(first, since)), dt.MAXYEAR * 12)
    for year, month in (divmod(number, 12) for number in months):
        if first.day <= monthrange(year, month + 1)[1]:
            day = first.replace(year=year, month=month + 1)
            if day >= since:
                yield day


def _month_number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1
