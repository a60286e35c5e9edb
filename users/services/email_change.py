"""Changing the address that one signs in with: both the old and the new one must agree.

Asking tells nothing about the new address: whether it signs in elsewhere is looked up only when
its letter is written, and the database has the last word when both have agreed.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from django.core import signing
from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record
from accounts.services.letters import queue_letter
from users.models import EmailChange, User
from users.services.addresses import claiming
from users.services.locks import hold_person
from users.throttling import EMAIL_CHANGE, count

#: How long both addresses have time to agree.
LIFETIME = dt.timedelta(hours=72)
SIGNER = signing.Signer(salt="users.email_change")


class End(StrEnum):
    """Whose link it is: that of the address so far, or that of the one to be."""

    OLD = "old"
    NEW = "new"


class NoSuchChange(Exception):
    """The change was stopped, replaced or made, its time is over, or the link is none of ours."""


def ask_email_change(person: User, *, new_email: str, by: Actor, now: dt.datetime) -> EmailChange:
    """Note that `person` wants to sign in by `new_email`, and write to both addresses.

    A new wish replaces the one before. Raises TooManyTries.
    """
    count(EMAIL_CHANGE, person.pk, now=now)
    return _ask(person, new_email=new_email, by=by, now=now)


def waiting_change(pk: int, *, now: dt.datetime) -> EmailChange:
    """Return a change that still waits for somebody to agree. Raises NoSuchChange."""
    waiting = EmailChange.objects.filter(asked_at__gt=now - LIFETIME, user__is_active=True)
    change = waiting.select_related("user__account").filter(pk=pk).first()
    if change is None:
        raise NoSuchChange(f"{pk}")
    return change


def token_of(change: EmailChange, end: End) -> str:
    """Return what the link of one address carries; made when its letter is written, never kept."""
    return SIGNER.sign_object({"change": change.pk, "end": end})


def change_behind(token: str, *, now: dt.datetime) -> tuple[EmailChange, End]:
    """Return the change that a link is about, and whose link it is. Raises NoSuchChange."""
    try:
        carried = SIGNER.unsign_object(token)
    except signing.BadSignature as error:
        raise NoSuchChange("not signed by us") from error
    return waiting_change(carried["change"], now=now), End(carried["end"])


@transaction.atomic
def agree(change: EmailChange, end: End, *, by: Actor, now: dt.datetime) -> User | None:
    """Note that one address agrees; once both have, make the change and return the person.

    Returns None while the other address has not agreed. Agreeing twice changes nothing.

    Raises NoSuchChange, AddressTaken.
    """
    person = hold_person(change.user_id)
    change = waiting_change(change.pk, now=now)
    field = f"{end}_agreed_at"
    if getattr(change, field) is None:
        setattr(change, field, now)
        change.save(update_fields=[field])
        _note(f"agreed, by the {end} address, to another e-mail of", change, by=by, now=now)
    if change.old_agreed_at is None or change.new_agreed_at is None:
        return None
    _make(change, person, now=now)
    _note("changed the e-mail of", change, by=by, now=now)
    queue_letter(
        "email_changed",
        to=change.old_email,
        key=f"{change.pk}",
        now=now,
        account=person.account,
        user=person,
        facts={"new_email": change.new_email},
    )
    change.delete()
    return person


@transaction.atomic
def stop_email_change(change: EmailChange, *, by: Actor, now: dt.datetime) -> None:
    """Give up a change: both links no longer work. Raises NoSuchChange where it is gone already."""
    deleted, _ = EmailChange.objects.filter(pk=change.pk).delete()
    if not deleted:
        raise NoSuchChange(f"{change.pk}")
    _note("stopped the change of the e-mail of", change, by=by, now=now)


@transaction.atomic
def _ask(person, *, new_email, by, now):
    person = hold_person(person.pk)
    EmailChange.objects.filter(user=person).delete()
    change = EmailChange.objects.create(
        user=person, old_email=person.email, new_email=new_email.strip().lower(), asked_at=now
    )
    _note("asked for another e-mail of", change, by=by, now=now)
    for end, address in ((End.OLD, change.old_email), (End.NEW, change.new_email)):
        queue_letter(
            f"email_change_{end}",
            to=address,
            key=f"{change.pk}",
            now=now,
            account=person.account,
            user=person,
            facts={"change": change.pk, "new_email": change.new_email},
        )
    return change


def _make(change, person, *, now):
    """Let `person` sign in by the new address; all sign-ins so far end."""
    person.email = change.new_email
    person.email_confirmed_at = now
    person.sign_in_epoch += 1
    with claiming(change.new_email):
        person.save(update_fields=["email", "email_confirmed_at", "sign_in_epoch"])


def _note(verb, change, *, by, now):
    record(
        verb,
        change.user,
        by=by,
        now=now,
        account=change.user.account,
        before={"email": change.old_email},
        after={"email": change.new_email},
    )
