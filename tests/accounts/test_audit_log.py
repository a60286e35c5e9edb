"""The audit log: what is written, and that it stays."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.services.audit import record

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def test_entry_says_who_did_what_to_what_and_when(account, admin):
    entry = record(
        "changed",
        account,
        now=NOW,
        by=Actor(user=admin, from_address="192.0.2.1"),
        account=account,
        before={"phone": ""},
        after={"phone": "+16175550123"},
    )

    entry.refresh_from_db()
    assert (entry.at, entry.actor, entry.actor_label) == (NOW, admin, "Ana Admin")
    assert (entry.verb, entry.subject) == ("changed", f"Account {account}")
    assert (entry.before, entry.after) == ({"phone": ""}, {"phone": "+16175550123"})
    assert (entry.account, entry.from_address) == (account, "192.0.2.1")


def test_what_json_has_no_form_for_is_written_out(account, admin):
    kept = {"rate": Decimal("0.049000"), "from": dt.date(2026, 1, 1), "open": True, "legs": (1, 2)}

    entry = record("added", "rate", now=NOW, by=Actor(user=admin), after=kept)

    entry.refresh_from_db()
    assert entry.after == {"rate": "0.049000", "from": "2026-01-01", "open": True, "legs": [1, 2]}


def test_nobody_did_it_is_refused():
    with pytest.raises(TypeError):
        Actor()


def test_long_names_are_cut_rather_than_lost(admin):
    entry = record("changed", "x" * 300, by=Actor(label="y" * 300), now=NOW)

    assert (len(entry.subject), len(entry.actor_label)) == (200, 254)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_database_refuses_to_change_an_entry(admin, change):
    record("signed in", admin, now=NOW, by=Actor(user=admin))
    entries = AuditEntry.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        entries.update(verb="did nothing") if change == "update" else entries.delete()
