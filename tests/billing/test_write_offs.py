"""Write-offs: with a reason, at most what is unpaid, above a limit by two."""

import datetime as dt
import uuid

import pytest

from accounts.actors import Actor
from accounts.models import AuditEntry
from billing.services import deciding, ledger, write_offs
from tests import make

NOW = dt.datetime(2026, 5, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def bill(account):
    return make.issued(account, "2026-03", dollars=1000)


@pytest.fixture
def ask(bill, staff):
    def ask(cents, *, form_key=None):
        return write_offs.ask_write_off(
            bill,
            amount_cents=cents,
            reason="They are gone.",
            form_key=form_key or uuid.uuid4(),
            by=Actor(user=staff),
            now=NOW,
        )

    return ask


@pytest.fixture
def second(db):
    return make.user(email="second@meridian.example", name="Zoe Second", is_superuser=True)


def test_written_off_is_not_owed_any_more(account, bill, ask):
    written_off = ask(40_000)

    assert account.bills.with_unpaid().get().unpaid_cents == 60_000
    assert ledger.balance_cents(account) == 60_000
    assert {side.book: side.amount_cents for side in written_off.entry.postings.all()} == {
        "bad_debt": 40_000,
        "receivable": -40_000,
    }
    assert AuditEntry.objects.get().after["reason"] == "They are gone."


@pytest.mark.parametrize("cents", [100_001, 0])
def test_no_more_than_is_unpaid_is_written_off(ask, cents):
    with pytest.raises(write_offs.MoreThanUnpaid):
        ask(cents)


def test_form_sent_twice_writes_off_once(account, ask):
    key = uuid.uuid4()

    assert ask(100, form_key=key) == ask(100, form_key=key)
    assert ledger.balance_cents(account) == 99_900


def test_above_the_limit_a_second_person_allows_it(account, ask, staff, second):
    asked = ask(100_000)
    assert ledger.balance_cents(account) == 100_000

    with pytest.raises(deciding.SamePerson):
        write_offs.approve_write_off(asked, by=Actor(user=staff), now=NOW)
    write_offs.approve_write_off(asked, by=Actor(user=second), now=NOW)

    assert ledger.balance_cents(account) == 0


def test_what_was_paid_meanwhile_is_not_written_off(account, ask, second):
    asked = ask(100_000)
    make.check(account, check_number="1", amount_cents=1, now=NOW)

    with pytest.raises(write_offs.MoreThanUnpaid):
        write_offs.approve_write_off(asked, by=Actor(user=second), now=NOW)


def test_declined_write_off_changes_nothing(account, ask, second):
    write_offs.decline_write_off(ask(100_000), by=Actor(user=second), now=NOW)

    assert ledger.balance_cents(account) == 100_000
