"""A look at the portal as a customer: kept in the session of the one who looks, and in the log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.services.audit import record
from users.models import User

PERMISSION = "users.look_as_user"
#: How long changes are allowed, once asked for.
CHANGES_LAST = dt.timedelta(minutes=15)

#: What the session keeps.
PERSON, CHANGES_UNTIL = "looking_as", "looking_may_change_until"


@dataclass(frozen=True, slots=True)
class Look:
    """`staff` look as `person`; they only read, unless it is before `changes_until`."""

    staff: User
    person: User
    changes_until: dt.datetime | None = None

    @property
    def is_read_only(self) -> bool:
        return self.changes_until is None


def may_look(user: User) -> bool:
    return user.is_authenticated and user.is_staff and user.has_perm(PERMISSION)


def people_to_look_as() -> QuerySet[User]:
    """Return the customers' people who can open a page themselves."""
    return User.objects.filter(account__isnull=False, is_active=True).select_related("account")


def look_of(session: SessionBase, user: User, *, now: dt.datetime) -> Look | None:
    """Return the look that `session` keeps; None where `user` may no longer, or nobody is there."""
    if PERSON not in session or not may_look(user):
        return None
    person = people_to_look_as().filter(pk=session[PERSON]).first()
    if person is None:
        return None
    until = dt.datetime.fromisoformat(session.get(CHANGES_UNTIL, "0001-01-01T00:00:00+00:00"))
    return Look(user, person, until if now < until else None)


def start_look(session: SessionBase, person: User, *, by: Actor, now: dt.datetime) -> None:
    """Let whoever `session` belongs to see what `person` sees."""
    _record("started to look at the portal as", person, by=by, now=now)
    session.pop(CHANGES_UNTIL, None)
    session[PERSON] = person.pk


def allow_changes(
    session: SessionBase, look: Look, *, reason: str, by: Actor, now: dt.datetime
) -> dt.datetime:
    """Let the look change things too, for CHANGES_LAST, and return until when."""
    until = now + CHANGES_LAST
    told = {"reason": reason, "until": until.isoformat(timespec="seconds")}
    _record("allowed changes while looking as", look.person, by=by, now=now, after=told)
    session[CHANGES_UNTIL] = until.isoformat()
    return until


def stop_look(session: SessionBase, look: Look, *, by: Actor, now: dt.datetime) -> None:
    """End the look."""
    _record("stopped looking at the portal as", look.person, by=by, now=now)
    session.pop(CHANGES_UNTIL, None)
    session.pop(PERSON, None)


def _record(verb: str, person: User, *, by: Actor, now: dt.datetime, **circumstances: Any) -> None:
    record(verb, person, by=by, now=now, account=person.account, **circumstances)
