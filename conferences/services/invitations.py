"""Inviting people to a conference, telling them its date, and reminding them of it.

Every letter to people outside is counted, so that nobody floods strangers in the operator's name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q

from accounts.actors import Actor
from accounts.models import Letter
from accounts.services.audit import record
from accounts.services.letters import queue_letter
from conferences.models import Conference, Invitation, Pin, Schedule
from conferences.schedules import starts
from conferences.services.holding import hold_open
from users.throttling import HOUR, Limit, count

#: By account and address, and by account.
TO_A_GUEST = Limit("letters to a guest", tries=10, seconds=24 * HOUR)
TO_GUESTS = Limit("letters to guests", tries=1000, seconds=24 * HOUR)
#: How long before each meeting its guests are reminded.
REMINDED_BEFORE = dt.timedelta(minutes=60)
REMINDER = "conference_reminder"
DAY = dt.timedelta(days=1)


class Guest(NamedTuple):
    """Somebody to be invited: the address in small letters, and a name or ""."""

    email: str
    name: str


class NoPinToShare(Exception):
    """No participant PIN is there that may be given to everybody."""


class NotInvited(LookupError):
    """The invitation was cancelled meanwhile."""


@transaction.atomic
def invite(
    conference: Conference, guests: Iterable[Guest], *, by: Actor, now: dt.datetime
) -> list[Invitation]:
    """Invite `guests`, and return the new invitations: whoever stands invited already has theirs.

    Raises ConferenceClosed, NoPinToShare, TooManyTries.
    """
    conference = hold_open(conference)
    if pin_to_share(conference, now=now) is None:
        raise NoPinToShare(str(conference))
    standing = set(conference.invitations.standing().values_list("email", flat=True))
    new = {guest.email: guest for guest in guests if guest.email not in standing}
    made = [
        Invitation.objects.create(
            conference=conference,
            email=guest.email,
            name=guest.name,
            invited_by=by.on_behalf_of or by.user,
            invited_at=now,
        )
        for guest in new.values()
    ]
    if made:
        told = {"e-mail": sorted(new)}
        account = conference.account
        record("invited people to", conference, by=by, now=now, account=account, after=told)
    for invitation in made:
        _write("conference_invitation", invitation, conference, now=now)
    return made


@transaction.atomic
def invite_again(invitation: Invitation, *, by: Actor, now: dt.datetime) -> Invitation:
    """Send an invitation once more. Raises ConferenceClosed, NotInvited, TooManyTries."""
    conference, invitation = _held(invitation)
    _write("conference_invitation", invitation, conference, now=now)
    _log("invited once more to", invitation, conference, by=by, now=now)
    return invitation


@transaction.atomic
def cancel_invitation(invitation: Invitation, *, by: Actor, now: dt.datetime) -> Invitation:
    """Take an invitation back, and tell its guest. Raises ConferenceClosed, NotInvited."""
    conference, invitation = _held(invitation)
    schedule = getattr(conference, "schedule", None)
    if schedule:  # a cancellation that calendars take is newer than what they hold
        Schedule.objects.filter(pk=schedule.pk).update(sequence=F("sequence") + 1)
        schedule.refresh_from_db()
    _take_back(invitation, conference, schedule, now=now)
    _log("cancelled the invitation to", invitation, conference, by=by, now=now)
    return invitation


def tell_the_date(conference: Conference, *, now: dt.datetime) -> None:
    """Write the date to everybody invited, within the transaction that set it.

    Raises TooManyTries.
    """
    for invitation in conference.invitations.standing():
        _write("conference_date", invitation, conference, now=now)


def cancel_all(conference: Conference, *, now: dt.datetime) -> int:
    """Take back all invitations, within the transaction that takes the date; return how many."""
    schedule = getattr(conference, "schedule", None)
    if schedule:
        schedule.sequence += 1
        schedule.save(update_fields=["sequence"])
    standing = list(conference.invitations.standing())
    for invitation in standing:
        _take_back(invitation, conference, schedule, now=now)
    return len(standing)


def pin_to_share(conference: Conference, *, now: dt.datetime) -> Pin | None:
    """Return the participant PIN that invitations carry: nobody's own, and without a limit."""
    own_rules = Q(maximum_uses__isnull=False) | Q(starts_at__gt=now) | Q(ends_at__isnull=False)
    pins = conference.pins.active().filter(kind=Pin.Kind.PARTICIPANT, holder_name="")
    return pins.exclude(own_rules).order_by("pk").first()


def queue_reminders(*, now: dt.datetime) -> int:
    """Queue a reminder to each guest of each meeting that starts within REMINDED_BEFORE.

    One for each meeting, however often asked; none to whoever was invited within that time.
    Returns how many were queued.
    """
    wanted = {
        _key(invitation, start): (invitation, start)
        for schedule in _schedules_about(now)
        for start in takewhile(
            lambda start: start <= now + REMINDED_BEFORE, starts(schedule, since=now)
        )
        for invitation in schedule.conference.invitations.all()
        if invitation.cancelled_at is None and invitation.invited_at <= start - REMINDED_BEFORE
    }
    kept = Letter.objects.filter(key__in=[f"{REMINDER}:{key}" for key in wanted])
    queued = {key.removeprefix(f"{REMINDER}:") for key in kept.values_list("key", flat=True)}
    missing = {key: one for key, one in wanted.items() if key not in queued}
    for key, (invitation, start) in missing.items():
        queue_letter(
            REMINDER,
            to=invitation.email,
            key=key,
            now=now,
            account=invitation.conference.account,
            facts={"invitation": invitation.pk, "starts_at": start.isoformat()},
        )
    return len(missing)


def _schedules_about(now: dt.datetime) -> Iterable[Schedule]:
    """Return those schedules of open conferences with guests that may have a meeting soon."""
    today = now.date()  # in UTC: each zone is within a day of it
    once = Q(repeats=Schedule.Repeats.ONCE, starts_on__gte=today - DAY)
    repeated = ~Q(repeats=Schedule.Repeats.ONCE) & (Q(ends_on=None) | Q(ends_on__gte=today - DAY))
    invited = Invitation.objects.standing().values("conference")
    return (
        Schedule.objects.filter(once | repeated, starts_on__lte=today + DAY)
        .filter(conference__closed_at=None, conference__in=invited)
        .select_related("conference__account")
        .prefetch_related("conference__invitations")
    )


def _held(invitation: Invitation) -> tuple[Conference, Invitation]:
    conference = hold_open(invitation.conference)
    current = conference.invitations.standing().filter(pk=invitation.pk).first()
    if current is None:
        raise NotInvited(str(invitation))
    return conference, current


def _take_back(
    invitation: Invitation, conference: Conference, schedule: Schedule | None, *, now: dt.datetime
) -> None:
    invitation.cancelled_at = now
    invitation.save(update_fields=["cancelled_at"])
    facts = {"date": facts_of(schedule)} if schedule else {}
    _queue("conference_cancelled", invitation, conference, now=now, facts=facts)


def _write(kind: str, invitation: Invitation, conference: Conference, *, now: dt.datetime) -> None:
    """Queue a letter to a guest, and count it. Raises TooManyTries."""
    count(TO_A_GUEST, f"{conference.account_id} {invitation.email}", now=now)
    count(TO_GUESTS, conference.account_id, now=now)
    _queue(kind, invitation, conference, now=now, facts={})


def _queue(
    kind: str,
    invitation: Invitation,
    conference: Conference,
    *,
    now: dt.datetime,
    facts: Mapping[str, Any],
) -> None:
    queue_letter(
        kind,
        to=invitation.email,
        key=f"{invitation.pk}:{now.isoformat()}",
        now=now,
        account=conference.account,
        facts={"invitation": invitation.pk, **facts},
    )


def facts_of(schedule: Schedule) -> dict[str, Any]:
    """Return what a letter must know of a date that may be gone when it is written."""
    return {
        "uid": str(schedule.uid),
        "sequence": schedule.sequence,
        "starts_on": schedule.starts_on.isoformat(),
        "starts_at_time": schedule.starts_at_time.isoformat(),
        "time_zone": schedule.time_zone,
        "minutes": schedule.minutes,
        "repeats": schedule.repeats,
        "ends_on": schedule.ends_on and schedule.ends_on.isoformat(),
    }


def _key(invitation: Invitation, start: dt.datetime) -> str:
    return f"{invitation.pk}:{start.isoformat()}"


def _log(
    verb: str, invitation: Invitation, conference: Conference, *, by: Actor, now: dt.datetime
) -> None:
    guest = {"e-mail": invitation.email}
    record(verb, conference, by=by, now=now, account=conference.account, after=guest)
