"""Changes to an account's people wait for each other, and never leave it without an Admin."""

from __future__ import annotations

from accounts.models import Account
from users.models import User


class LastAdmin(Exception):
    """The person is the account's last active Customer Admin, and stays it."""


class PersonRemoved(LookupError):
    """Somebody else removed the person meanwhile."""


def locked(person: User) -> User:
    """Lock the person's account until the transaction ends; return the person as they now stand.

    Raises PersonRemoved.
    """
    account = Account.objects.select_for_update().get(pk=person.account_id)
    current = account.users.filter(pk=person.pk, removed_at=None).first()
    if current is None:
        raise PersonRemoved(str(person))
    return current


def keep_an_admin(leaving: User) -> None:
    """Refuse to let `leaving` stop being an Admin where no other one is left.

    To be asked under the lock of the account. Raises LastAdmin.
    """
    admins = set(leaving.account.users.active_admins().values_list("pk", flat=True))
    if admins == {leaving.pk}:
        raise LastAdmin(str(leaving))
