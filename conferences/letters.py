"""Letters to people outside who are invited to a conference: its date, changes, reminders.

Each is written from how things stand when it is sent, and the PIN is read then: it is kept in no
letter's row. Only a participant PIN is ever in one.
"""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.letters import NoLongerWanted, from_template, writes
from accounts.models import Letter
from accounts.services.post import LEASE
from conferences import calendar
from conferences.models import Conference, DialInNumber, Invitation, Schedule
from conferences.schedules import next_start
from conferences.services.invitations import pin_to_share
from users.forms.fields import on_one_line

MAIL = "conferences/mail"


@writes("conference_invitation")
def conference_invitation(letter: Letter) -> EmailMultiAlternatives:
    """Invite somebody, with the date for their calendar where there is one.

    Raises NoLongerWanted.
    """
    return _with_the_date(letter, f"{MAIL}/invitation.txt")


@writes("conference_date")
def conference_date(letter: Letter) -> EmailMultiAlternatives:
    """Tell somebody invited the date that was set or changed. Raises NoLongerWanted."""
    return _with_the_date(letter, f"{MAIL}/date.txt")


@writes("conference_reminder")
def conference_reminder(letter: Letter) -> EmailMultiAlternatives:
    """Remind somebody of the meeting of which the letter is. Raises NoLongerWanted."""
    invitation = _standing(letter)
    start = dt.datetime.fromisoformat(letter.facts["starts_at"])
    if start <= _sent_at(letter):
        raise NoLongerWanted("The meeting has begun.")
    schedule = _schedule(invitation.conference)
    if schedule is None or next_start(schedule, now=start) != start:
        raise NoLongerWanted("The meeting was moved.")
    return _write(letter, f"{MAIL}/reminder.txt", invitation, schedule, starts_at=start)


@writes("conference_cancelled")
def conference_cancelled(letter: Letter) -> EmailMultiAlternatives:
    """Tell somebody that they are no longer invited, or that there is no meeting any more."""
    invitation = _invitation(letter)
    date = letter.facts.get("date")
    schedule = _from_facts(date, invitation.conference) if date else None
    message = _write(letter, f"{MAIL}/cancelled.txt", invitation, schedule)
    if schedule:
        text = calendar.cancellation(schedule, invitation, stamped_at=letter.queued_at)
        _add_calendar(message, text, method="CANCEL")
    return message


def _with_the_date(letter: Letter, template: str) -> EmailMultiAlternatives:
    invitation = _standing(letter)
    schedule = _schedule(invitation.conference)
    message = _write(letter, template, invitation, schedule)
    if schedule:
        words = render_to_string(f"{MAIL}/calendar.txt", _context(letter, invitation, schedule))
        text = calendar.request(
            schedule,
            invitation,
            description=words.strip(),
            location=_location(),
            stamped_at=letter.queued_at,
        )
        _add_calendar(message, text, method="REQUEST")
    return message


def _standing(letter: Letter) -> Invitation:
    """Return the invitation that still holds, of a conference still open. Raises NoLongerWanted."""
    invitation = _invitation(letter)
    if invitation.cancelled_at or invitation.conference.closed_at:
        raise NoLongerWanted("The invitation was cancelled, or the conference is over.")
    return invitation


def _invitation(letter: Letter) -> Invitation:
    rows = Invitation.objects.select_related(
        "conference__schedule", "conference__account", "invited_by"
    )
    return rows.get(pk=letter.facts["invitation"])


def _schedule(conference: Conference) -> Schedule | None:
    return getattr(conference, "schedule", None)


def _from_facts(date: dict, conference: Conference) -> Schedule:
    """Return the date, not saved, as it was when the letter was queued."""
    return Schedule(
        conference=conference,
        **date
        | {
            "starts_on": dt.date.fromisoformat(date["starts_on"]),
            "starts_at_time": dt.time.fromisoformat(date["starts_at_time"]),
            "ends_on": date["ends_on"] and dt.date.fromisoformat(date["ends_on"]),
        },
    )


def _write(
    letter: Letter,
    template: str,
    invitation: Invitation,
    schedule: Schedule | None,
    *,
    starts_at: dt.datetime | None = None,
) -> EmailMultiAlternatives:
    context = _context(letter, invitation, schedule) | {"starts_at": starts_at}
    message = from_template(letter, template, context)
    if invitation.invited_by and invitation.invited_by.is_active:
        message.reply_to = [invitation.invited_by.email]
    return message


def _context(letter: Letter, invitation: Invitation, schedule: Schedule | None) -> dict:
    """Return what the words are made of; texts of customers stay on one line."""
    sent_at = _sent_at(letter)
    pin = pin_to_share(invitation.conference, now=sent_at)
    inviter = invitation.invited_by
    return {
        "guest": on_one_line(invitation.name),
        "name": on_one_line(invitation.conference.name),
        "account_name": on_one_line(letter.account.name),
        "inviter": on_one_line(inviter.name) if inviter else on_one_line(letter.account.name),
        "schedule": schedule,
        "next_at": schedule and next_start(schedule, now=sent_at),
        "numbers": list(DialInNumber.objects.nearest_first()),
        "pin": pin.digits if pin else "",
    }


def _sent_at(letter: Letter) -> dt.datetime:
    """Return the time at which its sender took the letter: the lease began then."""
    return letter.next_try_at - LEASE


def _location() -> str:
    number = DialInNumber.objects.nearest_first().first()
    return f"tel:+{number.number}" if number else settings.OPERATOR_NAME


def _add_calendar(message: EmailMultiAlternatives, text: str, *, method: str) -> None:
    """Add the calendar's part: as an alternative for programs that act on it, and as a file."""
    message.attach_alternative(text, f"text/calendar; method={method}")
    message.attach("invite.ics", text.encode(), "application/ics")
