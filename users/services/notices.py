"""Telling people by mail what was done about them, and the account's Admins about its people.

The words are in users/letters/people.py.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from accounts.actors import Actor
from accounts.services import letters
from users.models import User
from users.throttling import INVITATION, count


class Event(StrEnum):
    """What people are told of."""

    ADDED = "added"
    CHANGED = "changed"
    MADE_ADMIN = "made_admin"
    DISABLED = "disabled"
    REMOVED = "removed"


def invite(person: User, *, by: Actor | None, now: dt.datetime) -> None:
    """Queue the letter by which somebody proves that their address is theirs.

    `by` is who added them; None where they themselves ask for the letter once more.
    Raises TooManyTries.
    """
    count(INVITATION, f"{person.account_id} {person.email}", now=now)
    facts = {"by": str(by)} if by else {}
    letters.tell(person, "invitation", key=f"{person.pk}:{now.isoformat()}", now=now, facts=facts)


def tell_person(event: Event, person: User, *, by: Actor, now: dt.datetime) -> None:
    """Queue a notice to `person` of what was done about them.

    Whoever has not proved their address gets none, since it may be somebody else's; nor does
    whoever did it themselves.
    """
    if person.email_confirmed_at and by.user != person:
        key, facts = _key(event, person, now), _facts(event, person, by)
        letters.tell(person, "notice_to_person", key=key, now=now, facts=facts)


def tell_admins(event: Event, person: User, *, by: Actor, now: dt.datetime) -> None:
    """Queue a notice to each of the account's Admins of what was done about `person`."""
    key, facts = _key(event, person, now), _facts(event, person, by)
    letters.tell_admins(person.account, "notice_to_admin", key=key, now=now, facts=facts)


def _key(event: Event, person: User, now: dt.datetime) -> str:
    return f"{event}:{person.pk}:{now.isoformat()}"


def _facts(event: Event, person: User, by: Actor) -> dict[str, str]:
    return {
        "event": event,
        "by": str(by),
        "person": str(person),
        "email": person.email,
        "role": str(person.get_role_display()),
    }
