"""What a check is, what it found, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

#: How many of the rows that break an invariant are named.
NAMED_ROWS = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: its `query` gives the rows that break it, so none when all is well.

    A query may name the parameters `now` (aware), `zone` and `grace_hours`. What is not `serious`
    is worth knowing, such as work that waits, but leaves the books right.
    """

    name: str
    says: str
    query: str
    serious: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that found rows: how many, and the first of them by column name."""

    check: Check
    count: int
    rows: list[dict[str, Any]]


def ask(check: Check, parameters: dict[str, object]) -> Finding | None:
    """Run one check; None where its invariant holds."""
    # Materialized, so that the limit does not lure the planner into looking for the first rows
    # one by one: most often there are none.
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH broken AS MATERIALIZED ({check.query})"
            f" SELECT (SELECT count(*) FROM broken), broken.* FROM broken LIMIT {NAMED_ROWS}",
            parameters,
        )
        columns = [column.name for column in cursor.description][1:]
        found = cursor.fetchall()
    if not found:
        return None
    rows = [dict(zip(columns, row[1:], strict=True)) for row in found]
    return Finding(check, found[0][0], rows)
