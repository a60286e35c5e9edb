"""A month or two of a small operator, drawn by a seed: what people do, and what goes wrong.

What ought to be is worked out here from what was drawn, and from Stripe's own books; it shares
nothing with billing.
"""

import datetime as dt
import random
from collections import Counter
from contextlib import suppress

import stripe
from django.conf import settings

from accounts.actors import Actor
from accounts.models import Letter
from accounts.periods import Month
from billing.gateway import Event, GatewayRefused, GatewayUnavailable, gateway
from billing.models import (
    Attempt,
    Bill,
    BillDelivery,
    BillDocument,
    BillJob,
    Check,
    Collection,
    JournalEntry,
    StripeEvent,
)
from billing.services import cards, checks, events, ledger, paying, runs, sweep
from billing.services.issue import opens_at
from billing.verification import books
from tests import make
from tests.billing import faults
from tests.billing.killing import empty_all_tables, unlike

ZONE = "America/New_York"
MARCH = Month(2027, 3, ZONE)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CLERK = Actor(label="a clerk")
#: Between sweeps until all is quiet: past leases, pauses of letters, and the days of retries.
PAUSES = [HOUR, HOUR, 3 * HOUR, DAY, DAY, 3 * DAY, 4 * DAY]
#: Test cards by how they end: charged, declined for now, declined for good, asked about by a bank.
TOKENS = [
    "pm_card_visa", "pm_card_visa", "pm_card_visa", "pm_card_chargeCustomerFail",
    "pm_card_authenticationRequired",
]  # fmt: skip


class Run:
    """One run: `dice` draw it from its seed, `story` tells what happened so far."""

    def __init__(self, seed, *, standin, smtp):
        self.dice = random.Random(seed)
        self.standin, self.smtp = standin, smtp
        self.story = [f"seed {seed}"]
        self.crashes = 0
        self.checks = []
        self.now = MARCH.start

    def note(self, text):
        self.story.append(f"{self.now:%m-%d %H:%M} {text}")

    def play(self):
        """Let the run happen; return what is wrong when all is quiet."""
        try:
            self.begin()
            for month in [MARCH, MARCH.next()][: self.dice.choice([1, 1, 2])]:
                self.live_through(month)
            if not self.becomes_quiet():
                return ["it never becomes quiet", *self.waiting()]
        except faults.ChildFailed as failure:
            return [str(failure)]
        return self.wrong()

    def begin(self):
        empty_all_tables()
        self.standin.reset()
        self.smtp.messages.clear()
        self.move_to(MARCH.start)
        plan = make.rate_plan(local="0.25")
        self.accounts = [self.make_account(plan) for _ in range(self.dice.choice([2, 2, 3]))]

    def make_account(self, plan):
        account = make.account(terms=self.dice.choice(["card", "card", "check"]), plan=plan)
        make.user(account=account, role="admin", added_at=MARCH.start)
        if account.terms == "card":
            token = self.dice.choice(TOKENS)
            make.stripe_card(account, token=token)
            self.note(f"{account.number} pays by {token}")
        else:
            self.note(f"{account.number} pays by check")
        return account

    def live_through(self, month):
        """Calls, the bill run on the 1st, and what people do in the days after."""
        for account in self.accounts:
            line = make.conference(account=account)
            for _ in range(self.dice.randint(0, 2)):
                legs = [(60 * self.dice.randint(1, 200), "local")]
                make.session(conference=line, started_at=month.start + DAY, legs=legs)
        self.move_to(opens_at(month))
        acts = [self.sweep, *(self.drawn_act() for _ in range(self.dice.randint(2, 4)))]
        spoilt = self.dice.sample(range(len(acts)), self.dice.randint(2, min(4, len(acts))))
        for position, act in enumerate(acts):
            work = act()
            fault = self.dice.choice(faults.FAULTS) if position in spoilt else faults.nothing
            if fault is not faults.nothing:
                self.note(f"  while {fault.__name__}")
            fault(self, work)
            self.move_to(self.now + self.dice.choice([HOUR, DAY, 2 * DAY, 3 * DAY]))
        self.make_sure()

    def move_to(self, instant):
        """Set our clock and Stripe's."""
        there = self.standin.advance(0)
        self.standin.advance(int(instant.timestamp()) - there)
        self.now = instant

    # What people and the timetable do: each draws what it needs, and returns the work to be done.

    def drawn_act(self):
        return self.dice.choice([
            self.sweep, self.sweep, self.press_pay, self.pay_in_browser, self.enter_check,
            self.bounce_check, self.change_card, self.hear_from_stripe,
        ])  # fmt: skip

    def sweep(self):
        now = self.now
        self.note("sweep")

        def work():
            runs.open_closed_runs(now=now)
            sweep.sweep(gateway=gateway(), now=now)

        return work

    def press_pay(self):
        account, now = self.dice.choice(self.accounts), self.now
        self.note(f"{account.number} presses Pay")

        def work():
            bill = newest_bill(account)
            if bill is not None and hasattr(account, "card"):
                with suppress(*NOT_NOW):
                    paying.pay_by_stored_card(bill, gateway=gateway(), by=CLERK, now=now)

        return work

    def pay_in_browser(self):
        account, now = self.dice.choice(self.accounts), self.now
        waits = self.dice.choice([True, False])
        self.note(f"{account.number} types in a card{'' if waits else ', and is gone'}")

        def work():
            bill = newest_bill(account)
            if bill is None:
                return
            with suppress(*NOT_NOW, stripe.StripeError):
                intent = paying.prepare(bill, gateway=gateway(), now=now)
                confirm_in_the_browser(intent.id)
                if waits:
                    paying.note_outcome(bill, gateway=gateway(), now=now)

        return work

    def enter_check(self):
        account, now = self.dice.choice(self.accounts), self.now
        number, cents = str(len(self.checks) + 1), self.dice.choice([100, 2500, 12_345])
        check = {"account": account, "number": number, "cents": cents, "bounced": False}
        self.checks.append(check)
        self.note(f"check {number} of {cents} from {account.number}")
        return lambda: enter(check, now)

    def bounce_check(self):
        if not self.checks:
            return self.enter_check()
        check, now = self.dice.choice(self.checks), self.now
        check["bounced"] = True
        self.note(f"check {check['number']} bounces")
        return lambda: bounce(check, now)

    def change_card(self):
        account, now = self.dice.choice(self.accounts), self.now
        token = self.dice.choice(TOKENS)
        self.note(f"{account.number} changes to {token}")

        def work():
            with suppress(*NOT_NOW, cards.CardNotUsable, stripe.StripeError):
                setup = cards.begin_setup(account, gateway=gateway())
                confirm_setup_in_the_browser(setup.id, token)
                saved = cards.finished_setup(account, setup.id, gateway=gateway())
                cards.store_card(account, setup=saved, by=CLERK, now=now)

        return work

    def hear_from_stripe(self):
        """Every event so far comes again: late, in any order, some of them several times."""
        told = self.standin.objects("event") * self.dice.randint(1, 3)
        # Dice of their own: how many events there are may differ, what is drawn next may not.
        random.Random(self.dice.random()).shuffle(told)
        now = self.now
        self.note(f"{len(told)} events, unordered")

        def work():
            for event in told:
                about = event["data"]["object"].get("id", "")
                events.keep_event(Event(event["id"], event["type"], about), now=now)
            list(events.work_events(gateway=gateway(), now=now))

        return work

    def make_sure(self):
        """Staff look whether what they entered is there, and enter it again."""
        checks, now = list(self.checks), self.now

        def work():
            for check in checks:
                enter(check, now)
            for check in checks:
                if check["bounced"]:
                    bounce(check, now)

        faults.in_child(work)

    # The end

    def becomes_quiet(self):
        for pause in PAUSES:
            faults.in_child(self.sweep())
            faults.in_child(self.hear_from_stripe())
            if not self.waiting():
                return True
            self.move_to(self.now + pause)
        return False

    def waiting(self):
        """Name what is still to be done."""
        waiting = {
            "bills": BillJob.objects.waiting(),
            "documents": BillDocument.objects.waiting(),
            "e-bills": BillDelivery.objects.filter(state="waiting"),
            "letters": Letter.objects.filter(state="waiting"),
            "attempts": Attempt.objects.filter(state__in=Attempt.LIVE),
            "events": StripeEvent.objects.waiting(),
            "collections": Collection.objects.due(self.now),
        }
        return [f"{name} wait: {list(rows)}" for name, rows in waiting.items() if rows.exists()]

    def wrong(self):
        return [
            *self.wrong_with_the_books(),
            *self.wrong_with_letters(),
            *(f"{one.check.name}: {one.rows}" for one in books.verify(now=self.now)),
        ]

    def wrong_with_the_books(self):
        """Lay what was drawn, and Stripe's own books, beside ours."""
        theirs = [one for one in self.standin.objects("charge") if one["status"] == "succeeded"]
        ours = JournalEntry.objects.payments().filter(reference__startswith="ch_")
        taken = Counter(one["payment_intent"] for one in theirs)
        return unlike(
            charges=(
                {entry.reference: -entry.receivable_cents for entry in ours.with_receivable()},
                {one["id"]: one["amount"] for one in theirs},
            ),
            taken_twice=([name for name, times in taken.items() if times > 1], []),
            balances=(
                {account.number: ledger.balance_cents(account) for account in self.accounts},
                {account.number: self.owed(account, theirs) for account in self.accounts},
            ),
            credit_without_a_check=(
                [one.number for one in self.accounts if self.has_overpaid_by_card(one)],
                [],
            ),
        )

    def owed(self, account, charges):
        called = sum(
            leg.seconds // 60 * 25
            for conference in account.conferences.all()
            for session in conference.sessions.all()
            for leg in session.legs.all()
        )
        by_check = sum(
            check["cents"]
            for check in self.checks
            if check["account"] == account and not check["bounced"]
        )
        return (
            called
            - by_check
            - sum(
                charge["amount"]
                for charge in charges
                if charge["customer"] in self.customers(account)
            )
        )

    def customers(self, account):
        attempts = Attempt.objects.filter(collection__bill__account=account)
        return set(attempts.values_list("customer_id", flat=True))

    def has_overpaid_by_card(self, account):
        has_checks = any(check["account"] == account for check in self.checks)
        return ledger.balance_cents(account) < 0 and not has_checks

    def wrong_with_letters(self):
        """Each is sent; more than once only where the answer to it was lost."""
        copies = Counter(message["Message-ID"] for message in self.smtp.messages)
        sent = [
            letter.message_id
            for letters in (BillDelivery, Letter)
            for letter in letters.objects.filter(state="sent")
        ]
        receipts = Counter(
            letter.facts["collection"] for letter in Letter.objects.filter(kind="payment_received")
        )
        return unlike(
            never_came=([name for name in sent if name not in copies], []),
            came_unasked=([name for name in copies if name not in sent], []),
            too_often=([n for n, times in copies.items() if times > 1 + self.crashes], []),
            e_bills=(
                BillDelivery.objects.filter(state="sent").count(),
                Bill.objects.count(),
            ),
            receipts=(
                receipts,
                Counter(Collection.objects.filter(state="paid").values_list("pk", flat=True)),
            ),
            given_up=(list(Letter.objects.filter(last_error__startswith="Given up")), []),
        )


#: What a customer is told on the page; pressing again is up to them.
NOT_NOW = (paying.NothingToPay, paying.PaymentUnderWay, GatewayUnavailable, GatewayRefused)


def newest_bill(account):
    return Bill.objects.filter(account=account).order_by("number").last()


def enter(check, now):
    """Record the check as staff do, who may send the form again on another day."""
    checks.record_check(
        check["account"],
        number=check["number"],
        amount_cents=check["cents"],
        received_on=check["account"].activated_on,
        by=CLERK,
        now=now,
    )


def bounce(check, now):
    known = Check.objects.filter(account=check["account"], number=check["number"]).first()
    if known is not None:
        checks.bounce(known, by=CLERK, now=now)


def client_of_stripe():
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE}
    ).v1


def confirm_in_the_browser(intent_id):
    client_of_stripe().payment_intents.confirm(
        intent_id, {"payment_method": "pm_card_visa", "return_url": "https://portal.example/"}
    )


def confirm_setup_in_the_browser(setup_id, token):
    client_of_stripe().setup_intents.confirm(
        setup_id, {"payment_method": token, "return_url": "https://portal.example/"}
    )
