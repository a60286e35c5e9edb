"""A state machine: facts of every kind in any order, each by the service that a clerk or Stripe
asks for it, and twice where it may come twice; after each, the books are laid beside the model.
"""

import datetime as dt
import uuid
from contextlib import ExitStack
from itertools import count

import pytest
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from accounts.actors import Actor
from accounts.periods import Month
from billing.models import Book, Collection, JournalEntry
from billing.services import checks, collect, disputes, ledger, paying, refunds, runs
from billing.services.credit_notes import CreditTooHigh, issue_credit_note
from billing.services.issue import opens_at
from billing.standing import billing_day
from billing.verification import books
from tests import make
from tests.billing import told
from tests.billing.ledger_model import Billed, Model
from tests.billing.wishes import RefundWish, WriteOffWish

#: Around nothing, what Stripe charges at least, and the sums of other facts.
cents = st.one_of(st.sampled_from([1, 49, 50, 51, 100, 101]), st.integers(1, 1400))
#: None is all that there is, so that the border is met often.
cents_or_all = st.one_of(st.none(), cents)


class LedgerMachine(RuleBasedStateMachine):
    """Books facts of every kind in any order, and looks at the books after each."""

    bills, checks, charges = Bundle("bills"), Bundle("checks"), Bundle("charges")
    disputed, won, taken_back = Bundle("disputed"), Bundle("won"), Bundle("taken back")
    wishes = Bundle("wishes")

    def __init__(self):
        super().__init__()
        self.undone_at_the_end = ExitStack()
        self.undone_at_the_end.enter_context(transaction.atomic())
        self.account = make.account(terms="check", plan=make.rate_plan(local="0.01"))
        self.line = make.conference(account=self.account)
        self.clerk, self.second = (Actor(user=make.user(name=name)) for name in ("Nora", "Zoe"))
        self.month = Month(2026, 3, "America/New_York")
        self.now = opens_at(self.month)
        self.model = Model()
        self.serial = count(1)
        self.going = []
        self.is_adjusted = False

    def teardown(self):
        try:
            found = books.verify(now=self.now)
            assert [one for one in found if one.check.serious] == []
        finally:
            transaction.set_rollback(True)
            self.undone_at_the_end.close()

    @initialize(target=bills, minutes=st.integers(500, 1400))
    def first_bill(self, minutes):
        """Let there be something that can be paid, disputed and corrected."""
        return self.bill(minutes)

    @rule(target=bills, minutes=st.one_of(st.just(0), cents))
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
        debt = self.model.owe(minutes, is_bill=True) if minutes else None
        assert job.bill.amount_due_cents == self.model.balance
        assert job.bill.paid_cents == paid_since
        assert job.bill.overdue_cents + job.bill.not_yet_due_cents == owed_before
        return Billed(job.bill, debt, minutes) if minutes else multiple()

    @rule(target=checks, amount=st.one_of(cents, st.integers(1000, 4000)))
    def check(self, amount):
        self.tick()
        check = self.enter(f"{next(self.serial)}", amount, billing_day(self.now))
        return self.model.pay(check.entry, amount)

    @rule(payment=checks)
    def enter_check_again(self, payment):
        """A clerk who is not sure enters it once more, on another day: nothing happens."""
        self.tick()
        known = payment.entry.paper_check
        assert self.enter(known.number, known.amount_cents, known.received_on) == known

    def enter(self, number, amount, received_on):
        return checks.record_check(
            self.account,
            number=number,
            amount_cents=amount,
            received_on=received_on,
            by=self.clerk,
            now=self.now,
        )

    @rule(target=taken_back, payment=consumes(checks))
    def bounce(self, payment):
        for _ in range(2):
            checks.bounce(payment.entry.paper_check, by=self.clerk, now=self.tick())
        self.model.take_back(payment, payment.cents)
        return payment

    def payable(self):
        newest = self.account.bills.order_by("number").last()
        if newest is None or Collection.objects.filter(bill=newest).exists():
            return 0
        return paying.payable_cents(newest)

    @precondition(payable)
    @rule(target=charges)
    def charge_card(self):
        """The newest bill is paid on line; Stripe tells of it twice."""
        amount, newest = self.payable(), self.account.bills.order_by("number").last()
        collection = paying.collection_to_pay(newest, now=self.tick())
        collection.intent_id = f"pi_{collection.pk}"
        collection.save(update_fields=["intent_id"])
        for _ in range(2):
            collect.apply_intent(collection, told.succeeded(collection), now=self.tick())
        entry = JournalEntry.objects.get(reference=f"ch_{collection.pk}")
        return self.model.pay(entry, amount)

    @rule(target=disputed, payment=consumes(charges), amount=cents)
    def dispute(self, payment, amount):
        """A bank takes a charge back, or part of it."""
        amount = min(amount, payment.cents)
        self.hear_of_dispute(payment, amount, status="needs_response")
        self.model.take_back(payment, amount)
        return payment, amount

    @rule(target=won, dispute=consumes(disputed))
    def win_dispute(self, dispute):
        payment, amount = dispute
        self.hear_of_dispute(payment, amount, status="won", is_won=True)
        self.model.give_again(payment, amount)
        return payment

    @rule(target=taken_back, dispute=consumes(disputed))
    def lose_dispute(self, dispute):
        payment, amount = dispute
        self.hear_of_dispute(payment, amount, status="lost")
        return payment

    def hear_of_dispute(self, payment, amount, **more):
        for _ in range(2):
            now = self.tick()
            heard = told.dispute(payment.entry, cents=amount, now=now, **more)
            disputes.apply_dispute(payment.entry, heard, now=now)

    @rule(billed=bills, amount=cents_or_all)
    def credit_note(self, billed, amount):
        amount = amount or billed.uncredited or 1
        line, form = billed.bill.lines.get(), self.form()
        if amount > billed.uncredited:
            with pytest.raises(CreditTooHigh):
                issue_credit_note(billed.bill, amounts={line.pk: amount}, **form)
            return
        for _ in range(2):
            issue_credit_note(billed.bill, amounts={line.pk: amount}, **form)
        billed.uncredited -= amount
        self.model.credit(amount, first=billed.debt)

    @rule(target=wishes, billed=bills, amount=cents_or_all)
    def write_off(self, billed, amount):
        amount = amount or self.model.unpaid(billed.debt) or 1
        return self.ask(WriteOffWish(billed, amount))

    @rule(
        target=wishes,
        payment=st.one_of(checks, charges, won, taken_back),
        amount=cents_or_all,
    )
    def refund(self, payment, amount):
        amount = amount or self.model.refundable(payment) or 1
        return self.ask(RefundWish(payment, amount))

    def ask(self, wish):
        """Ask by a form that is sent twice; return the wish where it waits for a second person."""
        form = self.form()
        if not wish.may_be_asked(self.model):
            with pytest.raises(wish.refusal):
                wish.ask(**form)
            return multiple()
        wish.row, again = wish.ask(**form), wish.ask(**form)
        assert wish.row == again
        wish.wait(self.model)
        if wish.row.state == "asked":
            return wish
        self.decided(wish, is_allowed=True)
        return multiple()

    @rule(wish=consumes(wishes))
    def allow(self, wish):
        if wish.may_be_allowed(self.model):
            wish.approve(wish.row, by=self.second, now=self.tick())
            self.decided(wish, is_allowed=True)
            return
        with pytest.raises(wish.refusal):
            wish.approve(wish.row, by=self.second, now=self.tick())
        self.decline(wish)

    @rule(wish=consumes(wishes))
    def do_not_allow(self, wish):
        self.decline(wish)

    def decline(self, wish):
        wish.decline(wish.row, by=self.second, now=self.tick())
        self.decided(wish, is_allowed=False)

    def decided(self, wish, *, is_allowed):
        wish.be_decided(self.model, is_allowed=is_allowed)
        if is_allowed and wish.is_by_card:
            self.going.append(wish)

    @precondition(lambda self: self.going)
    @rule(place=st.integers(0, 10))
    def arrive(self, place):
        """Stripe tells that a refund has arrived; it may fail even so."""
        self.hear_of_refund(self.going[place % len(self.going)], "succeeded")

    @precondition(lambda self: self.going)
    @rule(place=st.integers(0, 10))
    def fail_refund(self, place):
        wish = self.going.pop(place % len(self.going))
        self.hear_of_refund(wish, "failed")
        self.model.fail_refund(wish.payment, wish.cents)

    def hear_of_refund(self, wish, status):
        for _ in range(2):
            now = self.tick()
            refunds.apply_refund(wish.row, told.refund(wish.row, status=status, now=now), now=now)

    @precondition(lambda self: not self.is_adjusted)
    @rule(amount=cents)
    def adjust_upwards(self, amount):
        """No service asks for this; it is booked bare, and seldom, being possible at any time."""
        self.is_adjusted = True
        ledger.book(
            self.account,
            kind=JournalEntry.Kind.ADJUSTMENT,
            reference=f"adjustment:{next(self.serial)}",
            sides=[(Book.RECEIVABLE, amount), (Book.REVENUE, -amount)],
            now=self.tick(),
        )
        ledger.apply_credit(self.account, now=self.now)
        self.model.owe(amount)

    @invariant()
    def books_say_what_the_model_says(self):
        journal = JournalEntry.objects.filter(account=self.account)
        unpaid = self.account.bills.unpaid().order_by("number")
        assert ledger.balance_cents(self.account) == self.model.balance
        assert [bill.unpaid_cents for bill in unpaid] == self.model.open_debts(bills=True)
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

    def form(self):
        """Return what is filled in on every form about money."""
        key = uuid.UUID(int=next(self.serial))
        return {"reason": "They asked.", "form_key": key, "by": self.clerk, "now": self.tick()}
