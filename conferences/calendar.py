"""Dates as calendar programs read them: iCalendar (RFC 5545) by its rules for invitations (5546).

The operator is the organizer of all meetings, since the mail comes from there: programs take a
change only from the organizer, and the person who invited may have left. Answers are not asked for.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from conferences.models import Schedule

#: How many years of clock changes are told of a repetition; programs know the zones by name too.
YEARS_OF_CLOCK_CHANGES = 10


def request(
    schedule: Schedule,
    *,
    guest: str,
    summary: str,
    description: str,
    location: str,
    stamped_at: dt.datetime,
    organizer_name: str,
) -> str:
    """Write the invitation of the address `guest` to all meetings of `schedule`."""
    event = _event(schedule, guest, summary, stamped_at, organizer_name)
    event.add("status", "CONFIRMED")
    event.add("description", description)
    event.add("location", location)
    event.add("transp", "OPAQUE")
    return _calendar("REQUEST", schedule, event)


def cancellation(
    schedule: Schedule, *, guest: str, summary: str, stamped_at: dt.datetime, organizer_name: str
) -> str:
    """Write that no meeting of `schedule` is any longer in the calendar of `guest`."""
    event = _event(schedule, guest, summary, stamped_at, organizer_name)
    event.add("status", "CANCELLED")
    return _calendar("CANCEL", schedule, event)


def _calendar(method: str, schedule: Schedule, event: Event) -> str:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.OPERATOR_NAME}//AccuConf//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(event)
    first = schedule.starts_on.replace(month=1, day=1)
    calendar.add_missing_timezones(
        first_date=first, last_date=first + dt.timedelta(days=366 * YEARS_OF_CLOCK_CHANGES)
    )
    return calendar.to_ical().decode()


def _event(
    schedule: Schedule, guest: str, summary: str, stamped_at: dt.datetime, organizer_name: str
) -> Event:
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
    event.add("summary", summary)
    event.add("organizer", _address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], CN=organizer_name))
    attendee = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
    event.add("attendee", _address(guest, CN=guest, **attendee), encode=False)
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
