"""Emptying the database after a test that commits: only the tables that hold anything.

Django truncates all hundred, then makes every content type and permission again; that takes longer
than most of these tests.
"""

import pytest
from django.db import connection
from django.test import TransactionTestCase

#: What belongs to the empty database: migrations made it, and no test changes it.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def _only_what_is_full():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty())
        yield


def empty():
    """Delete all rows, with the triggers off that would refuse it."""
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    full = " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM {t})" for t in tables)
    with connection.cursor() as cursor:
        cursor.execute(full)
        deletions = [f"DELETE FROM {table}" for (table,) in cursor.fetchall()]
        without_triggers = "SET session_replication_role = replica"
        cursor.execute(";".join([without_triggers, *deletions, "RESET session_replication_role"]))
