"""The application's own database role can add to what is frozen, and read it; nothing else."""

import datetime as dt

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests import make
from tests.billing.test_frozen_tables import FROZEN

NOW = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)
ROLE, PASSWORD = "accuconf_test_application", "a password of the test"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def role():
    """A plain role, restricted; taken away again afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {ROLE}")
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
    yield ROLE
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


@pytest.fixture
def signed_in(role):
    """A connection as the restricted role."""
    call_command("restrict_role", role, verbosity=0)
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("host", "port", "dbname") if name in parameters}
    with psycopg.connect(**known, user=role, password=PASSWORD, autocommit=True) as signed_in:
        yield signed_in


@pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
@pytest.mark.parametrize("way", ["", "SET session_replication_role = replica"])
def test_what_is_frozen_cannot_be_changed(signed_in, plan, verb, way):
    bill = make.issued(make.account(plan=plan), "2026-03", dollars=10)

    for model in FROZEN:
        statement = verb.format(model._meta.db_table, model._meta.pk.column)
        for words in filter(None, [way, statement]):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                signed_in.execute(words)

    assert signed_in.execute("SELECT number FROM billing_bill").fetchone() == (bill.number,)


@pytest.mark.parametrize(
    "words",
    [
        "ALTER TABLE billing_posting DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON billing_posting",
        "CREATE TABLE mine (id int)",
        "TRUNCATE users_user CASCADE",
        "DELETE FROM django_migrations",
    ],
)
def test_neither_tables_nor_triggers_can_be_changed(signed_in, words):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        signed_in.execute(words)


def test_application_works_as_that_role(role, plan):
    """The control: all that a bill takes can be done by it."""
    account = make.account(plan=plan)
    call_command("restrict_role", role, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
    try:
        bill = make.issued(account, "2026-03", dollars=10)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")

    assert bill.lines.count() == 1


def test_owner_and_nobody_are_refused(role):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]

    with pytest.raises(CommandError, match="no grant would hold it"):
        call_command("restrict_role", owner, verbosity=0)
    with pytest.raises(CommandError, match="There is no role"):
        call_command("restrict_role", "nobody_of_that_name", verbosity=0)
