"""Getting in: the link to choose a password by, the choice, and the first sign-in."""

import datetime as dt

from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record
from accounts.services.letters import queue_letter, tell
from users.codes import is_proof_code
from users.models import User
from users.services import notices
from users.services.addresses import AddressTaken, claiming
from users.throttling import CODE_LETTER, PROOF_CODE, count

#: Asking again within so many seconds brings no second letter.
ONE_LETTER_PER_SECONDS = 5 * 60


class AlreadyChosen(Exception):
    """A password was chosen meanwhile, perhaps in another tab."""


class SamePassword(Exception):
    """The new password is the temporary one, which somebody else knows."""


class WrongCode(Exception):
    """This is not the code in the invitation."""


def ask_for_password_link(email: str, *, now: dt.datetime) -> None:
    """Queue the letter with the link to choose a password.

    Whether anybody has that address is found out only when the letter is written, so that asking
    takes as long and is answered alike for any.
    """
    window = int(now.timestamp()) // ONE_LETTER_PER_SECONDS
    queue_letter("password_link", to=email, key=f"{window}:{email}", now=now)


def settle_in(user: User, *, code: str, password: str, by: Actor, now: dt.datetime) -> None:
    """Let somebody who signed in by a temporary password choose their own.

    An invited person proves by the `code` from the invitation that the address is theirs; others
    need none. Raises TooManyTries, WrongCode, SamePassword, AddressTaken, AlreadyChosen.
    """
    if user.email_confirmed_at is None:
        count(PROOF_CODE, _invitation(user), now=now)
        if not is_proof_code(user, code):
            raise WrongCode(user.email)
    choose_password(user, password=password, by=by, now=now)


def choose_password(user: User, *, password: str, by: Actor, now: dt.datetime) -> None:
    """Give `user` the `password` of their own choice, and end all their sign-ins.

    Whoever calls this knows that it is them; an invited person's address counts as proved.
    Raises SamePassword, AddressTaken, AlreadyChosen.
    """
    if user.must_choose_password and user.check_password(password):
        raise SamePassword(user.email)
    try:
        with claiming(user.email):
            _choose(user, password=password, by=by, now=now)
    except AddressTaken:
        user.refresh_from_db()
        raise


def send_code_again(user: User, *, by: Actor, now: dt.datetime) -> None:
    """Queue the invitation of `user` once more. Raises TooManyTries."""
    count(CODE_LETTER, _invitation(user), now=now)
    with transaction.atomic():
        record("asked for the invitation again", user, by=by, now=now, account=user.account)
        notices.invite(user, by=None, now=now)


def send_password_link(user: User, *, by: Actor, now: dt.datetime) -> None:
    """Queue the letter by which `user` chooses a password: the invitation, until accepted."""
    with transaction.atomic():
        record("sent a link to choose a password to", user, by=by, now=now, account=user.account)
        if user.email_confirmed_at is None:
            notices.invite(user, by=by, now=now)
        else:
            tell(user, "password_link", key=f"{user.pk}:{now.isoformat()}", now=now)


def _choose(user: User, *, password: str, by: Actor, now: dt.datetime) -> None:
    known_by = user.password
    user.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))
    if user.password != known_by:
        raise AlreadyChosen(user.email)
    was_invited = user.email_confirmed_at is None
    user.set_password(password)
    user.password_expires_at = None
    user.email_confirmed_at = user.email_confirmed_at or now
    user.sign_in_epoch += 1
    user.save()
    verb = "accepted the invitation" if was_invited else "chose a new password"
    record(verb, user, by=by, now=now, account=user.account)
    if not was_invited:
        key, facts = f"{user.pk}:{user.sign_in_epoch}", {"from_address": by.from_address}
        tell(user, "password_changed", key=key, now=now, facts=facts)


def _invitation(user: User) -> str:
    """Name what tries are counted by: adding somebody anew gives no new ones."""
    return f"{user.account_id} {user.email}"
