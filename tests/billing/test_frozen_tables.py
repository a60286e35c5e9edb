"""What the database itself refuses to change, whoever asks."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEntry
from billing.models import (
    Allocation,
    Bill,
    BilledLeg,
    BillLine,
    CreditNote,
    CreditNoteLine,
    JournalEntry,
    Posting,
)
from conferences.models import Leg
from tests import make

FROZEN = [
    Bill, BillLine, BilledLeg, CreditNote, CreditNoteLine, JournalEntry, Posting, Allocation, Leg,
    AuditEntry,
]  # fmt: skip
NOW = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)


@pytest.fixture
def a_row_of_each(account, staff):
    bill = make.issued(account, "2026-03", dollars=10)
    make.credit_note(bill, cents=100, by=staff)
    make.check(account, check_number="1", amount_cents=500, now=NOW)
    AuditEntry.objects.create(at=NOW, account=account, actor_label="Ana", verb="signed in")


@pytest.mark.parametrize("change", ["UPDATE {table} SET {key} = {key}", "DELETE FROM {table}"])
@pytest.mark.parametrize("model", FROZEN)
def test_database_refuses_to_change_what_is_frozen(a_row_of_each, model, change):
    statement = change.format(table=model._meta.db_table, key=model._meta.pk.column)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)

    assert model.objects.exists()
