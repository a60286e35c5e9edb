"""The ledger under any sequence of facts, beside a model of it in plain Python: a state machine.

The model knows one rule: the oldest credit settles the oldest debt, bills before debts beside them.
"""

import datetime as dt
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.periods import Month
from billing.models import Attempt, Book, Collection, JournalEntry
from billing.services import ledger, paying, runs
from billing.services.issue import opens_at
from billing.verification import books, corrections
from tests import make

Kind = JournalEntry.Kind
EXAMPLES, EXAMPLES_IN_FULL = 30, 500

#: Around nothing, what Stripe charges at least, and the sums of other facts.
cents = st.one_of(st.sampled_from([1, 49, 50, 51, 100, 101]), st.integers(1, 1400))


@dataclass
class Credit:
    """Money or a note in the customer's favour, and which debts it settles by how much."""

    cents: int
    settles: dict[int, int] = field(default_factory=dict)

    @property
    def rest(self):
        return self.cents - sum(self.settles.values())


@dataclass
class Debt:
    """A bill's charges, or what came to be owed beside bills."""

    cents: int
    is_bill: bool


class Model:
    """What one account owes and has to its credit, in the order in which it came."""

    def __init__(self):
        self.debts = {}
        self.credits = {}
        self.paid_since = 0
        self._names = count()

    def owe(self, cents, *, is_bill=False):
        name = next(self._names)
        self.debts[name] = Debt(cents, is_bill)
        self.settle()
        return name

    def credit(self, cents):
        name = next(self._names)
        self.credits[name] = Credit(cents)
        self.settle()
        return name

    def take_back(self, name):
        """The credit settles nothing but its own undoing; what it had settled is owed again."""
        credit = self.credits[name]
        credit.settles = {}
        undoing = next(self._names)
        self.debts[undoing] = Debt(credit.cents, is_bill=False)
        credit.settles[undoing] = credit.cents
        self.settle()

    def settle(self):
        for name in sorted(self.debts, key=lambda name: (not self.debts[name].is_bill, name)):
            for credit in self.credits.values():
                if part := min(self.unpaid(name), credit.rest):
                    credit.settles[name] = credit.settles.get(name, 0) + part

    def unpaid(self, name):
        settled = sum(credit.settles.get(name, 0) for credit in self.credits.values())
        return self.debts[name].cents - settled

    def open_debts(self, *, bills):
        """Return the rests of bills, or of what is owed beside them."""
        unpaid = [self.unpaid(name) for name, debt in self.debts.items() if debt.is_bill == bills]
        return [rest for rest in unpaid if rest]

    def open_credits(self):
        return [credit.rest for credit in self.credits.values() if credit.rest]

    @property
    def balance(self):
        owed = sum(debt.cents for debt in self.debts.values())
        return owed - sum(credit.cents for credit in self.credits.values())


#: The machine books bare entries: what asked for them (a refund, a write-off) it does not make.
UNASKED = corrections.CHECKS


class LedgerMachine(RuleBasedStateMachine):
    """Books facts of every kind in any order, and looks at the books after each."""

    checks, charges, lost_disputes = Bundle("checks"), Bundle("charges"), Bundle("lost disputes")

    def __init__(self):
        super().__init__()
        self.undone_at_the_end = ExitStack()
        self.undone_at_the_end.enter_context(transaction.atomic())
        self.account = make.account(terms="check", plan=make.rate_plan(local="0.01"))
        self.line = make.conference(account=self.account)
        self.month = Month(2026, 3, "America/New_York")
        self.now = opens_at(self.month)
        self.model = Model()
        self.references = count(1)

    def teardown(self):
        try:
            found = books.verify(now=self.now)
            assert [one for one in found if one.check.serious and one.check not in UNASKED] == []
        finally:
            transaction.set_rollback(True)
            self.undone_at_the_end.close()

    @rule(minutes=st.one_of(st.just(0), cents))
    def bill(self, minutes):
        """A month of calls at a cent per minute becomes a bill."""
        if minutes:
            make.session(
                conference=self.line, started_at=self.month.start, legs=[(minutes * 60, "local")]
            )
        owed_before = sum(self.model.open_debts(bills=True) + self.model.open_debts(bills=False))
        paid_since, self.model.paid_since = self.model.paid_since, 0
        self.now = opens_at(self.month)
        runs.open_runs(self.month, now=self.now)
        [job] = runs.issue_waiting(gateway=None, now=self.now)
        self.month = self.month.next()
        if minutes:
            self.model.owe(minutes, is_bill=True)
        assert job.bill.amount_due_cents == self.model.balance
        assert job.bill.paid_cents == paid_since
        assert job.bill.overdue_cents + job.bill.not_yet_due_cents == owed_before

    @rule(target=checks, amount=cents)
    def check(self, amount):
        number = str(next(self.references))
        entry = make.check(self.account, check_number=number, amount_cents=amount, now=self.tick())
        self.model.paid_since += amount
        return entry, self.model.credit(amount)

    @rule(check=checks)
    def enter_check_again(self, check):
        """A clerk who is not sure enters it once more: nothing happens."""
        entry, name = check
        again = make.check(
            self.account,
            check_number=entry.reference.split(":")[-1],
            amount_cents=self.model.credits[name].cents,
            now=self.tick(),
        )
        assert again == entry

    @rule(check=consumes(checks))
    def bounce(self, check):
        self.take_back(check, Kind.BOUNCED)

    def payable(self):
        newest = self.account.bills.order_by("number").last()
        if newest is None or Collection.objects.filter(bill=newest).exists():
            return 0
        return paying.payable_cents(newest)

    @precondition(payable)
    @rule(target=charges)
    def charge_card(self):
        amount = self.payable()
        bill = self.account.bills.order_by("number").last()
        now = self.tick()
        collection = Collection.objects.create(
            bill=bill, amount_cents=amount, currency="USD", state="paid", updated_at=now
        )
        Attempt.objects.create(
            collection=collection, number=1, state="succeeded", started_at=now,
            charge_id=f"ch_{collection.pk}",
        )  # fmt: skip
        entry = ledger.book_payment(
            self.account,
            reference=f"ch_{collection.pk}",
            amount_cents=amount,
            into=Book.CARD_CLEARING,
            now=now,
        )
        self.model.paid_since += amount
        return entry, self.model.credit(amount)

    @rule(target=lost_disputes, charge=consumes(charges))
    def dispute(self, charge):
        self.take_back(charge, Kind.DISPUTE)
        entry, name = charge
        return entry, self.model.credits[name].cents

    @rule(dispute=consumes(lost_disputes))
    def win_dispute(self, dispute):
        _, amount = dispute
        self.book_credit(Kind.DISPUTE_WON, amount, Book.CARD_CLEARING)
        self.model.paid_since += amount

    @rule(amount=cents, into=st.sampled_from([Book.CREDIT_NOTES, Book.TAX]))
    def credit_note(self, amount, into):
        self.book_credit(Kind.CREDIT_NOTE, amount, into)

    @precondition(lambda self: self.model.balance > 0)
    @rule()
    def write_off(self):
        self.book_credit(Kind.WRITE_OFF, self.model.balance, Book.BAD_DEBT)

    @rule(amount=cents, out_of=st.sampled_from([Book.BANK, Book.CARD_CLEARING]))
    def refund(self, amount, out_of):
        self.book_debit(Kind.REFUND, amount, out_of)
        self.model.paid_since -= amount

    @rule(amount=cents)
    def refund_that_failed(self, amount):
        self.book_credit(Kind.REFUND_FAILED, amount, Book.BANK)
        self.model.paid_since += amount

    @rule(amount=cents)
    def adjust_upwards(self, amount):
        self.book_debit(Kind.ADJUSTMENT, amount, Book.REVENUE)

    @invariant()
    def books_say_what_the_model_says(self):
        journal = JournalEntry.objects.filter(account=self.account)
        bills = self.account.bills.unpaid().order_by("number")
        assert ledger.balance_cents(self.account) == self.model.balance
        assert [bill.unpaid_cents for bill in bills] == self.model.open_debts(bills=True)
        assert [debit.rest_cents for debit in journal.open_debits()] == self.model.open_debts(
            bills=False
        )
        assert [entry.rest_cents for entry in journal.open_credits()] == self.model.open_credits()

    @invariant()
    def database_agrees_to_commit(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    def tick(self):
        self.now += dt.timedelta(minutes=1)
        return self.now

    def take_back(self, payment, kind):
        entry, name = payment
        reference = f"{kind}:{entry.pk}"
        for _ in range(2):  # the second time it is known
            ledger.take_back(entry, kind=kind, reference=reference, now=self.tick())
        self.model.take_back(name)
        self.model.paid_since -= self.model.credits[name].cents

    def book_credit(self, kind, amount, book):
        self.book(kind, [(book, amount), (Book.RECEIVABLE, -amount)])
        self.model.credit(amount)

    def book_debit(self, kind, amount, book):
        self.book(kind, [(Book.RECEIVABLE, amount), (book, -amount)])
        self.model.owe(amount)

    def book(self, kind, sides):
        reference = f"{kind}:fact {next(self.references)}"
        ledger.book(self.account, kind=kind, reference=reference, now=self.tick(), sides=sides)
        ledger.apply_credit(self.account, now=self.now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "examples", [EXAMPLES, pytest.param(EXAMPLES_IN_FULL, marks=pytest.mark.full)]
)
def test_any_sequence_of_facts_leaves_the_books_right(examples):
    run(examples)


def run(examples, **more):
    chosen = settings(
        max_examples=examples,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
    run_state_machine_as_test(LedgerMachine, settings=chosen)


@pytest.mark.django_db
def test_without_undoing_what_a_bounced_check_settled_the_machine_finds_it(monkeypatch):
    """The control."""
    monkeypatch.setattr(ledger, "undo_allocations", lambda credit, now: None)

    with pytest.raises(AssertionError):
        run(EXAMPLES_IN_FULL, phases=[Phase.generate], report_multiple_bugs=False, database=None)
