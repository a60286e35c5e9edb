"""Refunds and write-offs as the ledger's machine asks for them, and what they do to its model."""

from dataclasses import dataclass

from billing.models import Book, RefundRequest, WriteOff
from billing.services import ledger, refunds, write_offs
from tests.billing.ledger_model import Billed, Model, Payment


@dataclass
class RefundWish:
    """A refund of part of `payment`."""

    payment: Payment
    cents: int
    row: RefundRequest | None = None

    refusal = refunds.NotRefundable
    approve = staticmethod(refunds.approve_refund)
    decline = staticmethod(refunds.decline_refund)

    def ask(self, **form):
        return refunds.ask_refund(
            self.payment.entry, amount_cents=self.cents, check_number="9", **form
        )

    def may_be_asked(self, model: Model):
        return self.cents <= model.refundable(self.payment)

    def may_be_allowed(self, model: Model):
        return sum(model.open_credits()) >= self.cents and not self.payment.is_taken_back

    def wait(self, model: Model):
        model.asked += self.cents
        self.payment.refunded += self.cents

    def be_decided(self, model: Model, *, is_allowed):
        model.asked -= self.cents
        if is_allowed:
            model.refund(self.cents)
        else:
            self.payment.refunded -= self.cents

    @property
    def is_by_card(self):
        book, _ = ledger.money_of(self.payment.entry)
        return book == Book.CARD_CLEARING


@dataclass
class WriteOffWish:
    """A write-off of part of what is unpaid of a bill."""

    billed: Billed
    cents: int
    row: WriteOff | None = None

    refusal = write_offs.MoreThanUnpaid
    approve = staticmethod(write_offs.approve_write_off)
    decline = staticmethod(write_offs.decline_write_off)
    is_by_card = False

    def ask(self, **form):
        return write_offs.ask_write_off(self.billed.bill, amount_cents=self.cents, **form)

    def may_be_asked(self, model: Model):
        return self.cents <= model.unpaid(self.billed.debt)

    may_be_allowed = may_be_asked

    def wait(self, model: Model):
        """Nothing is set aside for it."""

    def be_decided(self, model: Model, *, is_allowed):
        if is_allowed:
            model.credit(self.cents, first=self.billed.debt)
