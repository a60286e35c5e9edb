"""One-time conferences: scheduling, cancelling, and closing them after their use."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count

from accounts.actors import Actor
from accounts.models import Account
from accounts.services.audit import record
from conferences.models import Admission, Conference, Leg, Pin, Schedule
from conferences.schedules import EARLY, last_end
from conferences.services import invitations
from conferences.services.dates import refuse_the_past, values_of
from conferences.services.holding import ConferenceClosed, hold_open
from conferences.services.pins import add_pin
from users.models import ConferenceRight
from users.policy import Right
from users.services.locks import hold_account

#: Digits of the numbers that are allocated; those that staff give are shorter.
NUMBER_LENGTH = 7
#: How often a number is drawn; of nine millions, so many are never all taken.
DRAWS = 20
#: How long after the last caller left, or the window ended, a one-time conference closes.
AFTERWARDS = dt.timedelta(minutes=15)
#: Fewer callers than this have not met: somebody dialled in, and found nobody.
MET = 2


class NotOneTime(Exception):
    """An on-demand conference is not cancelled; its date can be cleared."""


@transaction.atomic
def schedule_conference(
    account: Account,
    *,
    about: Mapping[str, Any],
    date: Mapping[str, Any],
    token: uuid.UUID,
    by: Actor,
    now: dt.datetime,
) -> Conference:
    """Make a one-time conference with a date and two PINs, and return it.

    `about` holds its name, options and billing code, `date` what makes a date. Whoever makes it
    gets Full Rights. `token` is of the form: sent twice, it makes one conference.

    Raises DateIsPast.
    """
    account = hold_account(account.pk)
    made = account.conferences.filter(schedule__uid=token).first()
    if made is not None:
        return made
    if Schedule.objects.filter(uid=token).exists():  # of another account: nothing of ours
        token = uuid.uuid4()
    schedule = Schedule(**date, uid=token)
    refuse_the_past(schedule, now=now)
    conference = schedule.conference = _with_a_number(account, about, now=now)
    schedule.save()
    for kind in (Pin.Kind.MODERATOR, Pin.Kind.PARTICIPANT):
        add_pin(conference, kind, now=now)
    creator = by.on_behalf_of or by.user
    ConferenceRight.objects.create(user=creator, conference=conference, right=Right.FULL)
    told = {**about, **values_of(schedule), "full rights": str(creator)}
    record("scheduled", conference, by=by, now=now, account=account, after=told)
    return conference


@transaction.atomic
def cancel_conference(conference: Conference, *, by: Actor, now: dt.datetime) -> Conference:
    """Close a one-time conference before its use, and take its invitations back.

    Raises ConferenceClosed, NotOneTime.
    """
    conference = hold_open(conference)
    if conference.kind != Conference.Kind.ONE_TIME:
        raise NotOneTime(str(conference))
    invitations.cancel_all(conference, now=now)
    _close("cancelled", conference, by=by, now=now)
    return conference


def close_used_conferences(*, now: dt.datetime) -> Iterator[Conference]:
    """Close the one-time conferences that have been used, or whose window is over; yield each.

    Safe beside another round: each is decided under its lock.
    """
    tomorrow = now.date() + dt.timedelta(days=1)  # in UTC: each zone is within a day of it
    begun = Conference.objects.one_time().open().filter(schedule__starts_on__lte=tomorrow)
    for conference in begun.select_related("schedule"):
        if not _is_over(conference, now=now):
            continue
        with transaction.atomic():
            try:
                held = hold_open(conference)
            except ConferenceClosed:
                continue
            if not _is_over(held, now=now):
                continue
            _close("closed", held, by=Actor(label="timetable"), now=now)
        yield held


def _is_over(conference: Conference, *, now: dt.datetime) -> bool:
    schedule = getattr(conference, "schedule", None)
    if schedule is None:
        return False
    end = last_end(schedule)
    if end is not None and end + AFTERWARDS <= now:
        return True
    return schedule.repeats == Schedule.Repeats.ONCE and _has_been_used(conference, now=now)


def _has_been_used(conference: Conference, *, now: dt.datetime) -> bool:
    """Tell whether people have met since the start, and all have left who were let in."""
    start = conference.schedule.first_starts_at
    if now < start + AFTERWARDS:
        return False
    opened_at = start - max(EARLY.values())
    held = conference.sessions.filter(started_at__gte=opened_at)
    last = held.order_by("-ended_at").first()
    if last is None or last.ended_at + AFTERWARDS > now:
        return False
    met = held.filter(ended_at__gt=start).annotate(callers=Count("legs")).filter(callers__gte=MET)
    return met.exists() and not _is_anybody_on(conference, since=opened_at)


def _is_anybody_on(conference: Conference, *, since: dt.datetime) -> bool:
    """Tell whether somebody was let in of whose call no record has come.

    Asterisk tells of each caller who leaves, while others are still talking. A leg's id has the
    channel, by which the caller was let in, between its slashes. Who was let in and never came
    keeps the conference open until its window is over, no longer.
    """
    let_in = Admission.objects.filter(pin__conference=conference, admitted_at__gte=since)
    legs = Leg.objects.filter(session__conference=conference, session__started_at__gte=since)
    told = {
        part.lower()
        for external_id in legs.values_list("external_id", flat=True)
        for part in external_id.split("/")
    }
    return any(call.lower() not in told for call in let_in.values_list("call", flat=True))


def _close(verb: str, conference: Conference, *, by: Actor, now: dt.datetime) -> None:
    conference.closed_at = now
    conference.save(update_fields=["closed_at"])
    record(verb, conference, by=by, now=now, account=conference.account)


def _with_a_number(account: Account, about: Mapping[str, Any], *, now: dt.datetime) -> Conference:
    """Make a one-time conference with a number that no other has."""
    draws = itertools.count(1)
    lowest = 10 ** (NUMBER_LENGTH - 1)
    while True:
        try:
            with transaction.atomic():
                return Conference.objects.create(
                    account=account,
                    kind=Conference.Kind.ONE_TIME,
                    number=str(lowest + secrets.randbelow(9 * lowest)),
                    created_at=now,
                    **about,
                )
        except IntegrityError:
            if next(draws) == DRAWS:
                raise
