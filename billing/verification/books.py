"""All checks in a row, on one moment of the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from billing.verification import (
    charges,
    checks,
    collections,
    corrections,
    documents,
    ledger,
    lines,
    months,
    statements,
)
from billing.verification.check import Check, Finding, ask

CHECKS: list[Check] = [
    *months.CHECKS,
    *lines.CHECKS,
    *charges.CHECKS,
    *statements.CHECKS,
    *ledger.CHECKS,
    *checks.CHECKS,
    *collections.CHECKS,
    *corrections.CHECKS,
    *documents.CHECKS,
]
_COUNTED = {
    "bills": "billing_bill",
    "lines": "billing_billline",
    "billed_legs": "billing_billedleg",
    "charges": "billing_billcharge",
    "journal_entries": "billing_journalentry",
    "checks": "billing_check",
    "documents": "billing_billdocument",
}


def steps() -> int:
    """Return how often `verify` will tell of its progress, one for each check and PDF."""
    return len(CHECKS) + len(documents.made_documents())


def verify(*, now: dt.datetime, told: Callable[[], object] = lambda: None) -> list[Finding]:
    """Ask every check of the books as they stand at one moment; `told` is called after each step.

    `now` decides which months are closed.
    """
    parameters = {
        "now": now,
        "zone": settings.BILLING_TIME_ZONE,
        "grace_hours": settings.BILLING_GRACE_HOURS,
    }
    with _one_moment():
        findings = list(_asked(parameters, told))
        made = documents.made_documents()
    findings.append(documents.read_documents(made, told=told))
    return [finding for finding in findings if finding]


def counted() -> dict[str, int]:
    """Return how many rows there are to verify, by their noun."""
    sizes = ", ".join(f"(SELECT count(*) FROM {table})" for table in _COUNTED.values())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sizes}")
        return dict(zip(_COUNTED, cursor.fetchone(), strict=True))


def _asked(parameters: dict[str, object], told: Callable[[], object]) -> Iterator[Finding | None]:
    for check in CHECKS:
        yield ask(check, parameters)
        told()


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let all queries see the same books, even while a run goes on; nothing can be changed.

    Within a transaction, that one's view is used as it is.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # Large sorts and hashes in memory; the compiler costs more than it saves here.
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL jit = off")
        yield
