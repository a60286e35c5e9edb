"""A letter's calendar part, read back as mail and calendar programs do."""

import email
import email.policy

from icalendar import Calendar


def calendar_of(message):
    """Return (method of the MIME part, calendar) of an e-mail, through its bytes."""
    parsed = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    (part,) = [p for p in parsed.walk() if p.get_content_type() == "text/calendar"]
    (file,) = [p for p in parsed.walk() if p.get_content_type() == "application/ics"]
    text = part.get_content()
    assert file.get_content().decode().splitlines() == text.splitlines()
    return part["Content-Type"].params["method"], Calendar.from_ical(text)


def event_of(calendar):
    (event,) = calendar.walk("VEVENT")
    return event
