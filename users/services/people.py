"""Adding people to an account, disabling and removing them, ending their sign-ins."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Account
from accounts.services.audit import record
from users.models import EmailChange, User
from users.policy import Role
from users.services import notices
from users.services.locks import hold_account, keep_an_admin, locked
from users.services.notices import Event
from users.services.sign_ins import end_all_sign_ins

#: How long a password that an Admin typed lets somebody in.
TEMPORARY = dt.timedelta(hours=72)


class AlreadyOnAccount(Exception):
    """Somebody on the account's own user list has the address."""


class NotInvited(Exception):
    """The person has accepted, or is disabled: there is nothing to invite them to."""


@transaction.atomic
def add_user(
    account: Account,
    *,
    email: str,
    name: str,
    time_zone: str,
    by: Actor,
    now: dt.datetime,
    password: str = "",
) -> User:
    """Invite somebody to the account as Customer Basic without rights, and return them.

    A `password` is temporary: somebody else knows it. Without one the letter has a link to choose
    it. Whether the address signs in elsewhere is neither asked nor told here.

    Raises AlreadyOnAccount, TooManyTries.
    """
    account = hold_account(account.pk)
    if account.users.addressed(email).exists():
        raise AlreadyOnAccount(email)
    person = User.objects.create_user(
        email,
        password or None,
        account=account,
        role=Role.BASIC,
        name=name,
        time_zone=time_zone,
        added_at=now,
        email_confirmed_at=None,
        password_expires_at=now + TEMPORARY if password else None,
    )
    facts = {"e-mail": person.email, "name": name, "time zone": time_zone}
    record("added", person, by=by, now=now, account=account, after=facts)
    notices.invite(person, by=by, now=now)
    notices.tell_admins(Event.ADDED, person, by=by, now=now)
    return person


@transaction.atomic
def invite_again(person: User, *, by: Actor, now: dt.datetime) -> User:
    """Send the invitation once more; a temporary password that is over gives way to a link.

    Raises NotInvited, PersonRemoved, TooManyTries.
    """
    person = locked(person)
    if person.email_confirmed_at or not person.is_active:
        raise NotInvited(str(person))
    if person.password_expires_at and person.password_expires_at <= now:
        person.set_unusable_password()
        person.password_expires_at = None
        person.save(update_fields=["password", "password_expires_at"])
    record("invited again", person, by=by, now=now, account=person.account)
    notices.invite(person, by=by, now=now)
    return person


@transaction.atomic
def disable_user(person: User, *, by: Actor, now: dt.datetime) -> User:
    """Keep somebody out from now on; whoever is disabled already stays so.

    Raises LastAdmin, PersonRemoved.
    """
    person = locked(person)
    if not person.is_active:
        return person
    keep_an_admin(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_all_sign_ins(User.objects.filter(pk=person.pk))
    record("disabled", person, by=by, now=now, account=person.account)
    notices.tell_person(Event.DISABLED, person, by=by, now=now)
    return person


@transaction.atomic
def enable_user(person: User, *, by: Actor, now: dt.datetime) -> User:
    """Let somebody in again who was disabled. Raises PersonRemoved."""
    person = locked(person)
    if person.is_active:
        return person
    person.is_active = True
    person.save(update_fields=["is_active"])
    record("enabled", person, by=by, now=now, account=person.account)
    return person


@transaction.atomic
def end_sign_ins(person: User, *, by: Actor, now: dt.datetime) -> User:
    """Sign somebody out wherever they have signed in. Raises PersonRemoved."""
    person = locked(person)
    end_all_sign_ins(User.objects.filter(pk=person.pk))
    record("ended the sign-ins of", person, by=by, now=now, account=person.account)
    return person


@transaction.atomic
def remove_user(person: User, *, by: Actor, now: dt.datetime) -> User:
    """Take somebody off the account for good; what they did stays in the log.

    Their address is free again. Raises LastAdmin, PersonRemoved.
    """
    person = locked(person)
    keep_an_admin(person)
    person.is_active = False
    person.removed_at = now
    person.password_expires_at = None
    person.set_unusable_password()
    person.save(update_fields=["is_active", "removed_at", "password_expires_at", "password"])
    end_all_sign_ins(User.objects.filter(pk=person.pk))
    for belonging in (person.rights, person.authenticator_set, person.socialaccount_set):
        belonging.all().delete()
    EmailChange.objects.filter(user=person).delete()
    facts = {"e-mail": person.email, "role": str(person.get_role_display())}
    record("removed", person, by=by, now=now, account=person.account, before=facts)
    notices.tell_person(Event.REMOVED, person, by=by, now=now)
    notices.tell_admins(Event.REMOVED, person, by=by, now=now)
    return person
