"""The books go out as a journal that hledger checks, and its receivables are ours."""

import datetime as dt
import os
import shutil
import subprocess

import pytest
from django.core.management import call_command

from billing.hledger import ACCOUNTS, journal_lines
from billing.models import Book
from billing.services import ledger
from tests import make

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
CHECKS = ["check", "--strict", "ordereddates"]


@pytest.fixture
def hledger(tmp_path):
    """Run hledger over the exported journal; return what it prints, or its complaint."""
    program = shutil.which("hledger")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("hledger is not installed.")
        pytest.skip("hledger is not installed.")

    def run(*words, journal=None):
        path = tmp_path / "books.journal"
        path.write_text("".join(journal_lines()) if journal is None else journal)
        done = subprocess.run(
            [program, "-f", path, *words], capture_output=True, text=True, check=False
        )
        return done.stdout if done.returncode == 0 else done.stderr

    return run


@pytest.fixture
def busy_books(plan):
    """Three accounts: one that owes, one with credit, one with a name that is hard to write."""
    owing, credited = make.account(plan=plan), make.account(plan=plan)
    odd = make.account(
        plan=plan, number="A:1 (old)", name="Müller; Söhne | 2026-01-01 *\n  x  1 USD"
    )
    for account in (owing, credited, odd):
        make.issued(account, "2026-02", dollars=10)
        make.issued(account, "2026-03", dollars=25)
    make.check(owing, check_number="1", amount_cents=1, now=NOW)
    make.check(credited, check_number="1; 2", amount_cents=1_000_000_01, now=NOW)
    make.credit_note(owing.bills.first(), cents=100, by=make.user(), now=NOW)
    return [owing, credited, odd]


def test_every_book_has_its_account():
    assert set(ACCOUNTS) == set(Book)


def test_hledger_has_nothing_to_say(busy_books, hledger):
    assert hledger(*CHECKS) == ""


def test_receivables_are_those_of_our_books(busy_books, hledger):
    told = hledger("balance", "assets:receivable", "--flat", "--no-total", "-O", "csv")

    rows = [line.strip('"').split('","') for line in told.splitlines()[1:]]
    theirs = {account.removeprefix("assets:receivable:"): amount for account, amount in rows}
    assert theirs == {
        name: f"{ledger.balance_cents(account) / 100:.2f} USD"
        for name, account in zip(
            [busy_books[0].number, busy_books[1].number, "A%3A1%20%28old%29"],
            busy_books,
            strict=True,
        )
    }


def test_an_entry_out_of_balance_is_noticed(busy_books, hledger):
    """The control."""
    lines = "".join(journal_lines()).replace("  10.00 USD", "  10.01 USD", 1)

    assert "could not balance" in hledger(*CHECKS, journal=lines)


def test_empty_books_are_a_journal_too(db, hledger):
    assert hledger(*CHECKS) == ""


def test_command_prints_the_journal_in_few_queries(busy_books, capsys, django_assert_num_queries):
    with django_assert_num_queries(4):
        call_command("export_journal")

    assert capsys.readouterr().out == "".join(journal_lines())


def test_days_are_those_of_the_billing_zone(account, settings):
    settings.BILLING_TIME_ZONE = "Pacific/Auckland"
    make.check(
        account,
        check_number="1",
        amount_cents=100,
        now=dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC),
    )

    assert any(line.startswith("\n2026-04-01 (check:") for line in journal_lines())
