"""Telling people by mail what was done about them, and the account's Admins about its people.

The words are in users/letters/people.py.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from accounts.actors import Actor
from accounts.services.letters import queue_letter
from users.models import User


class Event(StrEnum):
    """What people are told of."""

    ADDED = "added"
    CHANGED = "changed"
    MADE_ADMIN = "made admin"
    DISABLED = "disabled"
    REMOVED = "removed"


def invite(person: User, *, by: Actor, now: dt.datetime) -> None:
    """Queue the letter by which somebody proves that their address is theirs."""
    _queue("invitation", person, about=person, by=by, now=now)


def tell_person(event: Event, person: User, *, by: Actor, now: dt.datetime) -> None:
    """Queue a notice to `person` of what was done about them.

    Whoever has not proved their address gets none, since it may be somebody else's; nor does
    whoever did it themselves.
    """
    if person.email_confirmed_at and by.user != person:
        _queue("notice to person", person, about=person, by=by, now=now, event=event)


def tell_admins(event: Event, person: User, *, by: Actor, now: dt.datetime) -> None:
    """Queue a notice to each of the account's Admins of what was done about `person`."""
    for admin in person.account.users.active_admins():
        _queue("notice to admin", admin, about=person, by=by, now=now, event=event)


def _queue(
    kind: str, reader: User, *, about: User, by: Actor, now: dt.datetime, event: str = ""
) -> None:
    queue_letter(
        kind,
        to=reader.email,
        key=f"{event}:{about.pk}:{reader.pk}:{now.isoformat()}",
        now=now,
        account=reader.account,
        user=reader,
        facts={
            "event": event,
            "by": str(by),
            "person": str(about),
            "email": about.email,
            "role": str(about.get_role_display()),
        },
    )
