"""Changing one's own profile."""

import datetime as dt

from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record_difference
from users.models import User
from users.services.locks import locked


class LastRecipient(Exception):
    """Nobody else of the account would get the e-bill."""


@transaction.atomic
def change_profile(
    user: User, *, name: str, time_zone: str, receives_bills: bool, by: Actor, now: dt.datetime
) -> User:
    """Change what people may change about themselves, and return the person as they then are.

    Whether they get the e-bill changes only for those who may decline it.

    Raises LastRecipient.
    """
    person = locked(user)  # an account's people give up the e-bill one after the other
    before = _shown(person)
    person.name, person.time_zone = name, time_zone
    if may_decline_bills(person):
        person.receives_bills = receives_bills
        if before["receives_bills"] and not receives_bills:
            _refuse_last_recipient(person)
    person.save(update_fields=["name", "time_zone", "receives_bills"])
    record_difference(
        "changed", person, by=by, now=now, account=person.account, before=before,
        after=_shown(person),
    )  # fmt: skip
    return person


def may_decline_bills(user: User) -> bool:
    """Tell whether `user` gets the e-bill but may go without; staff never get any."""
    return user.account_id is not None and user.has_perm("billing.decline_bill")


def _refuse_last_recipient(person):
    others = person.account.users.entitled_to_bills().exclude(pk=person.pk)
    if not others.confirmed().filter(receives_bills=True).exists():
        raise LastRecipient(f"{person} of {person.account}")


def _shown(person):
    return {name: getattr(person, name) for name in ("name", "time_zone", "receives_bills")}
