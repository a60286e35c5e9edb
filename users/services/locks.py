"""Changes to an account's people wait for each other, and never leave it without an Admin."""

from __future__ import annotations

from accounts.models import Account
from users.models import User


class LastAdmin(Exception):
    """The person is the account's last active Customer Admin, and stays it."""


class PersonRemoved(LookupError):
    """Somebody else removed the person meanwhile."""


def hold_account(pk: int) -> Account:
    """Lock an account until the transaction ends, and return it as it now stands.

    Whoever locks people of the account too does so after it.
    """
    # NO KEY: rows that only point to the account, such as the audit log's, need not wait. They
    # would wait for each other in a circle where their writer holds a person's row.
    return Account.objects.select_for_update(no_key=True).get(pk=pk)


def hold_person(pk: int) -> User:
    """Lock a person until the transaction ends, and return them as they now stand."""
    return User.objects.select_for_update(no_key=True).get(pk=pk)


def locked(person: User) -> User:
    """Lock the person's account, then them; return the person as they now stand.

    Of the operator's staff, who have no account, only themselves. Raises PersonRemoved.
    """
    account = hold_account(person.account_id) if person.account_id else None
    current = hold_person(person.pk)
    current.account = account
    if current.removed_at is not None:
        raise PersonRemoved(str(person))
    return current


def keep_an_admin(leaving: User) -> None:
    """Refuse to let `leaving` stop being an Admin where no other one is left.

    To be asked under the lock of the account. Raises LastAdmin.
    """
    admins = set(leaving.account.users.active_admins().values_list("pk", flat=True))
    if admins == {leaving.pk}:
        raise LastAdmin(str(leaving))
