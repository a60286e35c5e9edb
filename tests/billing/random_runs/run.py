"""A month or two of a small operator, drawn by a seed: what people do, and what goes wrong.

The seed alone draws what happens: whatever depends on how far things went has dice of its own.
"""

import datetime as dt
import random
from dataclasses import dataclass

from accounts.models import Account, Letter
from accounts.periods import Month
from billing.models import (
    Attempt,
    BillDelivery,
    BillDocument,
    BillJob,
    Collection,
    CreditNoteDocument,
    RefundRequest,
    StripeEvent,
)
from billing.services.issue import opens_at
from conferences.models import Session
from tests import make
from tests.billing import faults
from tests.billing.killing import empty_all_tables
from tests.billing.random_runs import banks, outcome, staff, timetable
from tests.billing.random_runs.acts import ACTS

ZONE = "America/New_York"
MARCH = Month(2027, 3, ZONE)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CENTS_A_MINUTE = 25
#: Between sweeps until all is quiet: past leases, pauses of letters, and the days of retries.
PAUSES = [HOUR, HOUR, 3 * HOUR, DAY, DAY, 3 * DAY, 4 * DAY]


@dataclass(frozen=True)
class Call:
    """A held call, and what it costs by what was drawn."""

    account: Account
    session: Session
    month: Month
    cents: int


class Run:
    """One run: `dice` draw it from its seed, `story` tells what happened so far."""

    def __init__(self, seed, *, standin, smtp):
        self.dice = random.Random(seed)
        self.standin, self.smtp = standin, smtp
        self.story = [f"seed {seed}"]
        self.crashes = 0
        self.accounts, self.calls, self.forms = [], [], []
        self.months = [MARCH, MARCH.next()][: self.dice.choice([1, 1, 2])]
        self.fee_cents, self.tax_percent = self.dice.choice([0, 1995]), self.dice.choice([0, 7])
        self.now = MARCH.start

    def note(self, text):
        self.story.append(f"{self.now:%m-%d %H:%M} {text}")

    def own_dice(self):
        """Return dice for what depends on how far things went; these draw no different for it."""
        return random.Random(self.dice.random())

    def play(self):
        """Let the run happen; return what is wrong when all is quiet."""
        try:
            self.begin()
            for month in self.months:
                self.live_through(month)
            if not self.becomes_quiet():
                return ["it never becomes quiet", *self.waiting()]
        except faults.ChildFailed as failure:
            return [str(failure)]
        return outcome.wrong(self)

    def begin(self):
        empty_all_tables()
        self.standin.reset()
        self.smtp.messages.clear()
        self.move_to(MARCH.start)
        staff.hire()
        plan = self.make_plan()
        self.accounts = [self.make_account(plan) for _ in range(self.dice.choice([2, 2, 3]))]

    def make_plan(self):
        plan = make.rate_plan(local=f"0.{CENTS_A_MINUTE}")
        if self.fee_cents:
            make.fee(plan=plan, amount_cents=self.fee_cents)
        if self.tax_percent:
            make.tax(percent=self.tax_percent)
        return plan

    def make_account(self, plan):
        account = make.account(terms=self.dice.choice(["card", "card", "check"]), plan=plan)
        make.user(account=account, role="admin", added_at=MARCH.start)
        if account.terms == "card":
            token = self.dice.choice(banks.CARDS)
            make.stripe_card(account, token=token)
            self.note(f"{account.number} pays by {token}")
        else:
            self.note(f"{account.number} pays by check")
        return account

    def live_through(self, month):
        """Calls, the bill run on the 1st, and what people do in the days after."""
        for account in self.accounts:
            self.hold_calls(account, month)
        self.move_to(opens_at(month))
        acts = [timetable.sweep, *self.dice.choices(ACTS, k=self.dice.randint(3, 6))]
        spoilt = self.dice.sample(range(len(acts)), self.dice.randint(2, 4))
        for position, act in enumerate(acts):
            work = act(self)
            fault = self.dice.choice(faults.FAULTS) if position in spoilt else faults.nothing
            if fault is not faults.nothing:
                self.note(f"  while {fault.__name__}")
            fault(self, work)
            self.move_to(self.now + self.dice.choice([HOUR, DAY, 2 * DAY, 3 * DAY]))

    def hold_calls(self, account, month):
        line = make.conference(account=account)
        for _ in range(self.dice.randint(0, 2)):
            minutes = self.dice.randint(1, 200)
            held = make.session(
                conference=line, started_at=month.start + DAY, legs=[(60 * minutes, "local")]
            )
            self.calls.append(Call(account, held, month, minutes * CENTS_A_MINUTE))

    def move_to(self, instant):
        """Set our clock and Stripe's."""
        there = self.standin.advance(0)
        self.standin.advance(int(instant.timestamp()) - there)
        self.now = instant

    def becomes_quiet(self):
        for pause in PAUSES:
            banks.finish_refunds(self)
            for act in (timetable.sweep, banks.hear, timetable.night):
                faults.in_child(act(self))
            staff.make_sure(self)
            if not self.waiting():
                return True
            self.move_to(self.now + pause)
        return False

    def waiting(self):
        """Name what is still to be done."""
        waiting = {
            "bills": BillJob.objects.waiting(),
            "documents": BillDocument.objects.waiting(),
            "documents of credit notes": CreditNoteDocument.objects.waiting(),
            "e-bills": BillDelivery.objects.filter(state="waiting"),
            "letters": Letter.objects.filter(state="waiting"),
            "attempts": Attempt.objects.filter(state__in=Attempt.LIVE),
            "events": StripeEvent.objects.waiting(),
            "collections": Collection.objects.due(self.now),
            "refunds": RefundRequest.objects.filter(state__in=["asked", "approved", "pending"]),
        }
        return [f"{name} wait: {list(rows)}" for name, rows in waiting.items() if rows.exists()]
