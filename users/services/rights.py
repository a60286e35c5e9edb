"""Changing what somebody may do: the role, and the rights ticked per conference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile, fingerprint
from accounts.services.audit import record, record_difference
from users import policy
from users.models import ConferenceRight, RoleChoice, User
from users.policy import Right, Role
from users.services import notices
from users.services.locks import keep_an_admin, locked
from users.services.notices import Event
from users.wording import names_of_rights

#: Conference pk → the rights ticked on it; conferences without a tick are left out.
Ticks = Mapping[int, Collection[str]]


class UnknownConference(LookupError):
    """A tick is on a conference that the account does not have."""


def standing(person: User) -> str:
    """Return the fingerprint of the person's role and rights, to be kept on the page."""
    return _fingerprint(person.role, person.ticked_rights)


@transaction.atomic
def change_rights(
    person: User, *, role: str, ticked: Ticks, seen: str, by: Actor, now: dt.datetime
) -> User:
    """Give somebody `role` and exactly the rights in `ticked`, and return them.

    `seen` is the `standing` from which the change was made. For a role that never has a
    conference nothing stays ticked.

    Raises ChangedMeanwhile, LastAdmin, PersonRemoved, UnknownConference.
    """
    person = locked(person)
    if seen != standing(person):
        raise ChangedMeanwhile(str(person))
    names = _names_of_conferences(person, ticked)
    if role != Role.ADMIN:
        keep_an_admin(person)
    wanted = _ticks(ticked) if policy.keeps_ticks(role) else set()
    held = _ticks(person.ticked_rights)
    before, after = _in_words(person.role, held, names), _in_words(role, wanted, names)
    becomes_admin = role == Role.ADMIN != person.role
    _write(person, role=role, gone=held - wanted, new=wanted - held)
    if record_difference(
        "changed rights of", person, by=by, now=now, account=person.account, **_both(before, after)
    ):
        notices.tell_person(Event.CHANGED, person, by=by, now=now)
    if becomes_admin:
        notices.tell_admins(Event.MADE_ADMIN, person, by=by, now=now)
    return person


def clear_rights(person: User, *, by: Actor, now: dt.datetime) -> None:
    """Take away what is ticked for somebody: it would count again with their next role."""
    rights = [str(right) for right in person.rights.select_related("user", "conference")]
    if not rights:
        return
    person.rights.all().delete()
    before = {"rights": sorted(rights)}
    record("cleared the rights of", person, by=by, now=now, account=person.account, before=before)


def _fingerprint(role: str, ticked: Ticks) -> str:
    rights = {str(pk): sorted(rights) for pk, rights in ticked.items()}
    return fingerprint({"role": role, "rights": rights})


def _names_of_conferences(person: User, ticked: Ticks) -> dict[int, str]:
    """Name the conferences that are or shall be ticked. Raises UnknownConference."""
    wanted = {*ticked, *person.ticked_rights}
    conferences = person.account.conferences.in_bulk(wanted)
    if unknown := set(ticked) - set(conferences):
        raise UnknownConference(str(sorted(unknown)))
    return {pk: str(conference) for pk, conference in conferences.items()}


def _ticks(ticked: Ticks) -> set[tuple[int, Right]]:
    return {(pk, Right(right)) for pk, rights in ticked.items() for right in rights}


def _write(person: User, *, role: str, gone: set, new: set) -> None:
    person.role = role
    person.save(update_fields=["role"])
    doomed = [
        right.pk for right in person.rights.all() if (right.conference_id, right.right) in gone
    ]
    ConferenceRight.objects.filter(pk__in=doomed).delete()
    ConferenceRight.objects.bulk_create(
        ConferenceRight(user=person, conference_id=pk, right=right) for pk, right in sorted(new)
    )
    person.refresh_from_db()


def _in_words(role: str, ticks: set, names: Mapping[int, str]) -> dict[str, Any]:
    """Write a standing as the audit log keeps it: the role, then each conference's rights."""
    rights: dict[int, set[Right]] = {}
    for pk, right in ticks:
        rights.setdefault(pk, set()).add(right)
    words = {names[pk]: names_of_rights(rights[pk]) for pk in sorted(rights, key=names.get)}
    return {"role": str(RoleChoice(role).label), **words}


def _both(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give both standings the same names, so that a conference that left one is told too."""
    names = [*after, *(name for name in before if name not in after)]
    return {
        "before": {name: before.get(name) for name in names},
        "after": {name: after.get(name) for name in names},
    }
