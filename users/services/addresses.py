"""An address signs in one person only, and the database has the last word on who that is."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

#: What refuses a second person with the same address: on the portal, and on one account.
ONE_PERSON_S = {"confirmed_email_is_one_person_s", "email_is_once_on_an_account"}


class AddressTaken(Exception):
    """Somebody else signs in by this address, perhaps since a moment ago."""


@contextmanager
def claiming(email: str) -> Iterator[None]:
    """Do within, in one transaction, what makes `email` somebody's. Raises AddressTaken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name not in ONE_PERSON_S:
            raise
        raise AddressTaken(email) from error
