"""Booking payments: once per fact, oldest bill first, the rest kept as credit."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import Book, JournalEntry, Posting
from billing.services import checks, ledger
from billing.standing import owed_by
from tests import make

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def two_bills(account, conference):
    """$10.00 for February and $25.00 for March, both unpaid."""
    return [
        make.issued(account, "2026-02", dollars=10),
        make.issued(account, "2026-03", dollars=25),
    ]


def unpaid(account):
    return [bill.unpaid_cents for bill in account.bills.with_unpaid().order_by("number")]


def test_payment_settles_the_oldest_bill_first(account, two_bills):
    make.check(account, check_number="1", amount_cents=1500, now=NOW)

    assert unpaid(account) == [0, 2000]
    assert ledger.balance_cents(account) == 2000


def test_overpayment_stays_as_credit_and_settles_the_next_bill(account, two_bills):
    make.check(account, check_number="1", amount_cents=4000, now=NOW)

    third = make.issued(account, "2026-04", dollars=12)

    assert ledger.balance_cents(account) == 700
    assert (third.credits_cents, third.amount_due_cents) == (500, 700)
    assert unpaid(account) == [0, 0, 700]


def test_many_small_payments_settle_one_bill(account, two_bills):
    for number in range(7):
        make.check(account, check_number=str(number), amount_cents=500, now=NOW)

    assert unpaid(account) == [0, 0]
    assert ledger.balance_cents(account) == 0


def test_same_check_again_is_booked_once(account, two_bills):
    first = make.check(account, check_number="77", amount_cents=1000, now=NOW)
    again = make.check(account, check_number="77", amount_cents=1000, now=NOW)

    assert again == first
    assert ledger.balance_cents(account) == 2500


def test_same_check_with_another_amount_is_refused(account, two_bills):
    make.check(account, check_number="77", amount_cents=1000, now=NOW)

    with pytest.raises(checks.NumberTaken):
        make.check(account, check_number="77", amount_cents=1001, now=NOW)


def test_same_check_number_of_another_account_is_another_check(account, two_bills, stranger):
    make.check(account, check_number="77", amount_cents=1000, now=NOW)
    make.check(stranger.account, check_number="77", amount_cents=400, now=NOW)

    assert ledger.balance_cents(stranger.account) == -400


def bounce(check, *, reference="bounced:1"):
    return ledger.take_back(check, kind=JournalEntry.Kind.BOUNCED, reference=reference, now=NOW)


def test_bounced_check_is_owed_again(account, two_bills):
    check = make.check(account, check_number="1", amount_cents=1500, now=NOW)

    bounced = bounce(check)

    assert unpaid(account) == [1000, 2500]
    assert ledger.balance_cents(account) == 3500
    assert bounced.about == check
    assert {posting.book: posting.amount_cents for posting in bounced.postings.all()} == {
        "receivable": 1500,
        "bank": -1500,
    }


def test_other_credit_settles_what_a_bounced_check_had_settled(account, two_bills):
    check = make.check(account, check_number="1", amount_cents=3500, now=NOW)
    make.check(account, check_number="2", amount_cents=700, now=NOW)

    bounce(check)

    assert unpaid(account) == [300, 2500]
    assert ledger.balance_cents(account) == 2800


def test_bouncing_twice_is_booked_once(account, two_bills):
    check = make.check(account, check_number="1", amount_cents=1500, now=NOW)

    assert bounce(check) == bounce(check)
    assert ledger.balance_cents(account) == 3500


def test_statement_after_a_bounce_says_that_nothing_was_paid(account, two_bills):
    bounce(make.check(account, check_number="1", amount_cents=1000, now=NOW))

    third = make.issued(account, "2026-04", dollars=12)

    assert (third.paid_cents, third.credits_cents, third.amount_due_cents) == (0, 0, 4700)
    assert third.overdue_cents + third.not_yet_due_cents == 3500


def test_debit_beside_a_bill_is_owed_and_settled_after_the_bills(account, two_bills):
    refund = ledger.book(
        account,
        kind=JournalEntry.Kind.REFUND,
        reference="re_1",
        now=NOW,
        sides=[(Book.RECEIVABLE, 300), (Book.BANK, -300)],
    )
    owed = owed_by(account, today=dt.date(2026, 4, 2))

    make.check(account, check_number="1", amount_cents=3600, now=NOW)

    assert (owed.amount.cents, owed.overdue.cents) == (3800, 3800)
    assert unpaid(account) == [0, 0]
    assert JournalEntry.objects.open_debits().get().rest_cents == 200
    assert refund.settled_by.get().amount_cents == 100


def test_database_refuses_an_entry_that_does_not_balance(account):
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        book_one_side(account)


def book_one_side(account):
    entry = JournalEntry.objects.create(
        account=account, kind="payment", reference="x", booked_at=NOW, currency="USD"
    )
    Posting.objects.create(entry=entry, book=Book.BANK, amount_cents=5)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
