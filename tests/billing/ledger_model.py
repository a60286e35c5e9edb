"""A model of one account's books in plain Python, to be laid beside the ledger.

It knows one rule: the oldest credit settles the oldest debt, bills before debts beside them. A
correction of a bill settles that bill first.
"""

from dataclasses import dataclass, field
from itertools import count


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


@dataclass
class Payment:
    """Money that came in as the credit named `credit`; of it, `refunded` is asked for or gone."""

    entry: object
    credit: int
    cents: int
    refunded: int = 0
    is_taken_back: bool = False


@dataclass
class Billed:
    """A bill of one line, owed by the debt of that name; `uncredited` is left of its line."""

    bill: object
    debt: int
    uncredited: int


class Model:
    """What one account owes and has to its credit, in the order in which it came.

    `asked` is what waits for a second person to be given back.
    """

    def __init__(self):
        self.debts = {}
        self.credits = {}
        self.paid_since = 0
        self.asked = 0
        self._names = count()

    def owe(self, cents, *, is_bill=False):
        name = next(self._names)
        self.debts[name] = Debt(cents, is_bill)
        self.settle()
        return name

    def credit(self, cents, *, first=None):
        """Settle the debt named `first`, if any, then the oldest; what is left is kept."""
        name = next(self._names)
        self.credits[name] = Credit(cents)
        if first is not None:
            self.credits[name].settles[first] = min(cents, self.unpaid(first))
        self.settle()
        return name

    def pay(self, entry, cents):
        self.paid_since += cents
        return Payment(entry, self.credit(cents), cents)

    def take_back(self, payment, cents):
        """The payment settles nothing but its own undoing; what it had settled is owed again."""
        credit = self.credits[payment.credit]
        credit.settles = {}
        undoing = next(self._names)
        self.debts[undoing] = Debt(cents, is_bill=False)
        credit.settles[undoing] = cents
        self.settle()
        payment.is_taken_back = True
        self.paid_since -= cents

    def give_again(self, payment, cents):
        """What was taken back came after all."""
        payment.is_taken_back = False
        self.paid_since += cents
        self.credit(cents)

    def refund(self, cents):
        self.paid_since -= cents
        self.owe(cents)

    def fail_refund(self, payment, cents):
        payment.refunded -= cents
        self.paid_since += cents
        self.credit(cents)

    def settle(self):
        for name in sorted(self.debts, key=lambda name: (not self.debts[name].is_bill, name)):
            for credit in self.credits.values():
                if part := min(self.unpaid(name), credit.rest):
                    credit.settles[name] = credit.settles.get(name, 0) + part

    def unpaid(self, name):
        settled = sum(credit.settles.get(name, 0) for credit in self.credits.values())
        return self.debts[name].cents - settled

    def refundable(self, payment):
        """Return what of a payment can be asked for: what is left of it, within the credit."""
        if payment.is_taken_back:
            return 0
        return max(0, min(payment.cents - payment.refunded, sum(self.open_credits()) - self.asked))

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
