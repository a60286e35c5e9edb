"""Dates as calendar programs read them: iCalendar (RFC 5545) by its rules for invitations (5546).

The operator is the organizer of all meetings, since the mail comes from there: programs take a
change only from the organizer, and the person who invited may have left. Answers are not asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
)

from conferences.models import Invitation, Schedule
from users.forms.fields import on_one_line

#: How many years of clock changes are told of a repetition; programs know the zones by name too.
YEARS_OF_CLOCK_CHANGES = 10


def request(
    schedule: Schedule,
    invitation: Invitation,
    *,
    description: str,
    location: str,
    stamped_at: dt.datetime,
) -> str:
    """Write the invitation of one guest to all meetings of `schedule`."""
    event = _event(schedule, invitation, stamped_at)
    event.add("status", "CONFIRMED")
    event.add("description", description)
    event.add("location", location)
    event.add("transp", "OPAQUE")
    return _calendar("REQUEST", schedule, event)


def cancellation(schedule: Schedule, invitation: Invitation, *, stamped_at: dt.datetime) -> str:
    """Write that no meeting of `schedule` is any longer in the calendar of one guest."""
    event = _event(schedule, invitation, stamped_at)
    event.add("status", "CANCELLED")
    return _calendar("CANCEL", schedule, event)


def zone_of(schedule: Schedule) -> Timezone:
    """Describe the clocks of the schedule's zone from the year of its first meeting on.

    icalendar's own description tells the onset of summer time by the new clock: an hour late.
    """
    zone = ZoneInfo(schedule.time_zone)
    first = dt.datetime(schedule.starts_on.year, 1, 1, tzinfo=dt.UTC)
    changes: dict[tuple, list[dt.datetime]] = {}
    for before, after in [(first, first), *_clock_changes(zone, since=first)]:
        old, new = before.astimezone(zone), after.astimezone(zone)
        kind = (old.utcoffset(), new.utcoffset(), new.tzname(), bool(new.dst()))
        # When it comes is told by the clock that is still the old one (RFC 5545, 3.6.5).
        wall = (after + old.utcoffset()).replace(tzinfo=None)
        changes.setdefault(kind, []).append(wall)
    described = Timezone()
    described.add("tzid", schedule.time_zone)
    for (offset_before, offset, name, is_summer), walls in changes.items():
        part = TimezoneDaylight() if is_summer else TimezoneStandard()
        part.add("dtstart", walls[0])
        if walls[1:]:
            part.add("rdate", walls[1:])
        part.add("tzoffsetfrom", offset_before)
        part.add("tzoffsetto", offset)
        part.add("tzname", name)
        described.add_component(part)
    return described


def _clock_changes(
    zone: ZoneInfo, *, since: dt.datetime
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield each change of the clocks as the instants, a second apart, before and after it."""
    week, second = dt.timedelta(days=7), dt.timedelta(seconds=1)
    for number in range(53 * YEARS_OF_CLOCK_CHANGES):
        before, after = since + number * week, since + (number + 1) * week
        if before.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
            continue
        while after - before > second:
            middle = before + (after - before) // (2 * second) * second
            changed = middle.astimezone(zone).utcoffset() != before.astimezone(zone).utcoffset()
            before, after = (before, middle) if changed else (middle, after)
        yield before, after


def _calendar(method: str, schedule: Schedule, event: Event) -> str:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.OPERATOR_NAME}//AccuConf//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(zone_of(schedule))
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _event(schedule: Schedule, invitation: Invitation, stamped_at: dt.datetime) -> Event:
    zone = ZoneInfo(schedule.time_zone)
    event = Event()
    event.add("uid", str(schedule.uid))
    event.add("sequence", schedule.sequence)
    event.add("dtstamp", stamped_at.astimezone(dt.UTC))
    event.add("dtstart", dt.datetime.combine(schedule.starts_on, schedule.starts_at_time, zone))
    # Not DTEND: written in local time, an end in the hour that comes twice would be the first.
    event.add("duration", dt.timedelta(minutes=schedule.minutes))
    if schedule.repeats != Schedule.Repeats.ONCE:
        event.add("rrule", _rule(schedule))
    conference = invitation.conference
    event.add("summary", on_one_line(conference.name))
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    event.add("organizer", _address(sender, CN=on_one_line(conference.account.name)))
    attendee = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
    name = on_one_line(invitation.name) or invitation.email
    event.add("attendee", _address(invitation.email, CN=name, **attendee))
    return event


def _rule(schedule: Schedule) -> dict[str, object]:
    """Write the repetition; its last start in UTC, as RFC 5545 (3.3.10) wants beside a zone."""
    rule: dict[str, object] = {"freq": schedule.repeats}
    if schedule.ends_on:
        rule["until"] = schedule.start_on(schedule.ends_on)
    return rule


def _address(email: str, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    for name, value in parameters.items():
        address.params[name] = vText(value)
    return address
