"""What is done about second factors: noting each change, and wanting one of everybody."""

import datetime as dt

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.actors import Actor
from accounts.models import Account
from accounts.services.audit import record
from accounts.services.letters import tell
from users.models import User
from users.second_factor import factors_of, has_second_factor, is_last_required
from users.services.locks import hold_account, locked

#: Looking at codes so soon after they were made is part of making them.
JUST_MADE = dt.timedelta(minutes=10)


class LastRequiredFactor(Exception):
    """The account wants a second factor of everybody, and this is the person's only one."""


class OwnFactorMissing(Exception):
    """Whoever wants a second factor of everybody has none."""


def note_factor_added(factor: Authenticator, *, by: Actor, now: dt.datetime) -> None:
    """Write down that a person has added `factor`, and tell them."""
    _note("added a second factor", factor.user, name_of(factor), by=by, now=now)


@transaction.atomic
def remove_factor(factor: Authenticator, *, by: Actor, now: dt.datetime) -> None:
    """Take `factor` from its person; recovery codes go with the last one.

    Raises LastRequiredFactor.
    """
    factor.user = locked(factor.user)  # the account may be about to require a factor
    if is_last_required(factor):
        raise LastRequiredFactor(f"{factor} of {factor.user}")
    name = name_of(factor)
    factor.delete()
    if not factors_of(factor.user).exists():
        Authenticator.objects.filter(user=factor.user).delete()
    _note("removed a second factor", factor.user, name, by=by, now=now)


def note_new_codes(person: User, *, by: Actor, now: dt.datetime) -> None:
    """Write down that `person` has made new recovery codes, and tell them."""
    _note("made new recovery codes", person, "", by=by, now=now)


def note_codes_seen(codes: Authenticator, *, by: Actor, now: dt.datetime) -> None:
    """Write down that somebody looked at recovery codes that were not just made, and tell them."""
    if now - codes.created_at > JUST_MADE:
        _note("looked at the recovery codes", codes.user, "", by=by, now=now)


@transaction.atomic
def require_second_factor(
    account: Account, *, is_required: bool, by: Actor, now: dt.datetime
) -> None:
    """Want a second factor of everybody on `account`, or of nobody any more, and tell them all.

    Raises OwnFactorMissing where whoever wants it has none.
    """
    account = hold_account(account.pk)
    if account.requires_second_factor == is_required:
        return
    if is_required and not has_second_factor(by.user):
        raise OwnFactorMissing(str(by))
    account.requires_second_factor = is_required
    account.save(update_fields=["requires_second_factor"])
    verb = "required a second factor on" if is_required else "made the second factor optional on"
    record(verb, account, by=by, now=now, account=account)
    for person in account.users.filter(is_active=True).exclude(email_confirmed_at=None):
        tell(
            person,
            "second_factor_required",
            key=f"{person.pk}:{now.isoformat()}",
            now=now,
            facts={"is_required": is_required, "by": str(by)},
        )


def name_of(factor: Authenticator) -> str:
    """Name `factor` as the audit log does: what it is, and which."""
    if factor.type == Authenticator.Type.TOTP:
        return "authenticator app"
    return f"passkey {factor}"


def _note(verb, person, factor, *, by, now):
    record(
        verb,
        person,
        by=by,
        now=now,
        account=person.account,
        after={"second_factor": factor} if factor else {},
    )
    tell(
        person,
        "second_factor_changed",
        key=f"{person.pk}:{verb}:{now.isoformat()}",
        now=now,
        facts={"verb": verb, "factor": factor},
    )
