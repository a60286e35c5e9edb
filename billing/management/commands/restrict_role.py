"""`manage.py restrict_role ROLE`: let the application's own database role add, and never change.

Run it as the owner of the tables, after every migrate; the application then signs in as ROLE.
"""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

#: Tables that a trigger keeps append-only: the books, bills, credit notes, audit log and legs.
APPEND_ONLY = """
SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE tgname = 'append_only' AND nspname = current_schema() ORDER BY relname
"""
#: Whoever owns a table or is superuser can grant themselves everything back.
STANDING = """
SELECT rolsuper OR rolcreaterole OR rolreplication,
       pg_has_role(rolname, (SELECT tableowner FROM pg_tables
                             WHERE schemaname = current_schema()
                               AND tablename = 'billing_journalentry'), 'MEMBER')
FROM pg_roles WHERE rolname = %s
"""
#: {role} and {schema} are quoted names.
GRANTS = """
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role};
REVOKE CREATE ON SCHEMA {schema} FROM {role}, PUBLIC;
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""


class Command(BaseCommand):
    help = "Grant a database role all that the application needs, and no change of what is frozen."

    def add_arguments(self, parser):
        parser.add_argument("role", help="an existing role that the application signs in as")

    @transaction.atomic
    def handle(self, *, role, verbosity, **options):
        with connection.cursor() as cursor:
            refuse_the_mighty(cursor, role)
            quote = connection.ops.quote_name
            cursor.execute("SELECT current_schema()")
            names = {"role": quote(role), "schema": quote(cursor.fetchone()[0])}
            cursor.execute(GRANTS.format(**names))
            cursor.execute(APPEND_ONLY)
            frozen = [name for (name,) in cursor.fetchall()]
            tables = ", ".join(quote(name) for name in frozen)
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {tables} FROM {names['role']}")
        if verbosity > 0:
            self.stdout.write(f"{role} adds to and reads, and never changes: {', '.join(frozen)}")


def refuse_the_mighty(cursor, role):
    """Raise CommandError where grants would not hold `role`, or there is no such role."""
    cursor.execute(STANDING, [role])
    found = cursor.fetchone()
    if found is None:
        raise CommandError(f"There is no role {role}. Create it: CREATE ROLE {role} LOGIN …")
    if any(found):
        raise CommandError(
            f"{role} is a superuser, or owns the tables: no grant would hold it."
            " Let another role own them, and the application sign in as a plain one."
        )
