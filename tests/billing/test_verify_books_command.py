"""`verify_books` on the command line: what it prints, as words and as JSON, and when it fails."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.billing.tampering import tamper


@pytest.fixture
def bad_books(account):
    """One payment in the journal that came from nowhere."""
    tamper(
        "INSERT INTO billing_journalentry (account_id, kind, reference, booked_at, currency, memo)"
        " SELECT id, 'payment', 'cash:1', now(), 'USD', '' FROM accounts_account"
    )


def test_command_says_of_good_books_only_how_many_there_are(account):
    out = StringIO()

    call_command("verify_books", stdout=out, stderr=StringIO())

    assert out.getvalue() == (
        "Looked at 0 bills, 0 lines, 0 billed legs, 0 charges, "
        "0 journal entries, 0 checks, 0 documents.\n"
    )


def test_command_names_what_is_broken_and_fails(bad_books):
    out = StringIO()

    with pytest.raises(CommandError, match="broken: entry_balances"):
        call_command("verify_books", stdout=out)

    assert "BROKEN entry_balances (1 rows)" in out.getvalue()
    assert "entry cash:1" in out.getvalue()


def test_command_prints_json(bad_books):
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("verify_books", "--json", stdout=out)

    report = json.loads(out.getvalue())
    assert [(found["name"], found["serious"]) for found in report["findings"]] == [
        ("entry_balances", True)
    ]
    assert report["counted"]["journal_entries"] == 1
