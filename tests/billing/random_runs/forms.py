"""The forms that staff send; each may be sent any number of times, and takes effect once."""

import uuid
from contextlib import suppress
from dataclasses import dataclass

from accounts.actors import Actor
from accounts.models import Account
from billing.models import BillLine, Check, JournalEntry
from billing.services import checks, deciding, refunds, write_offs
from billing.services.credit_notes import issue_credit_note
from tests.billing.random_runs.customers import newest_bill
from users.models import User

CLERK, SECOND = "Stefan Staff", "Zoe Second"
#: How a form is answered. Money that goes back goes by the way that it came.
DONE, REFUSED, BY_CARD, BY_CHECK = "done", "refused", "by card", "by check"


def person(name):
    return Actor(user=User.objects.get(name=name))


@dataclass(eq=False)
class Form:
    """One form, known by its `serial`; `answer` is what it was told when it was last sent."""

    account: Account
    cents: int
    serial: int
    answer: str = ""

    def __str__(self):
        return f"{type(self).__name__} {self.serial}: {self.account.number}, {self.cents}"

    @property
    def key(self):
        return uuid.UUID(int=self.serial)

    def signed(self, now):
        """Return what staff fill in on every form about money."""
        reason = "They asked."
        return {"reason": reason, "form_key": self.key, "by": person(CLERK), "now": now}


@dataclass(eq=False)
class CheckForm(Form):
    is_bounced: bool = False

    def send(self, now):
        """Send the form, perhaps on another day than before."""
        checks.record_check(
            self.account,
            number=str(self.serial),
            amount_cents=self.cents,
            received_on=self.account.activated_on,
            by=person(CLERK),
            now=now,
        )
        return DONE

    def bounce(self, now):
        known = Check.objects.filter(account=self.account, number=str(self.serial)).first()
        if known is not None:
            checks.bounce(known, by=person(CLERK), now=now)


@dataclass(eq=False)
class CreditNoteForm(Form):
    call: object = None

    def send(self, now):
        """Send the form, where the call stands on a bill by now."""
        line = BillLine.objects.filter(session=self.call.session).first()
        if line is None:
            return REFUSED
        issue_credit_note(line.bill, amounts={line.pk: self.cents}, **self.signed(now))
        return DONE


@dataclass(eq=False)
class RefundForm(Form):
    def send(self, now):
        """Ask for it on the first payment that has so much to give back."""
        for payment in JournalEntry.objects.payments().filter(account=self.account).order_by("pk"):
            with suppress(refunds.NotRefundable):
                request = refunds.ask_refund(
                    payment, amount_cents=self.cents, check_number="9", **self.signed(now)
                )
                return self.decided(request, now)
        return REFUSED

    def decided(self, request, now):
        ways = (refunds.approve_refund, refunds.decline_refund)
        if not is_allowed(request, *ways, refunds.NotRefundable, now=now):
            return REFUSED
        return BY_CHECK if Check.objects.filter(entry=request.payment).exists() else BY_CARD


@dataclass(eq=False)
class WriteOffForm(Form):
    def send(self, now):
        bill = newest_bill(self.account)
        if bill is None:
            return REFUSED
        try:
            asked = write_offs.ask_write_off(bill, amount_cents=self.cents, **self.signed(now))
        except write_offs.MoreThanUnpaid:
            return REFUSED
        ways = (write_offs.approve_write_off, write_offs.decline_write_off)
        return DONE if is_allowed(asked, *ways, write_offs.MoreThanUnpaid, now=now) else REFUSED


def is_allowed(wish, approve, decline, impossible, *, now):
    """Let a second person decide what waits for one; tell whether it is allowed in the end."""
    if wish.state == wish.State.ASKED:
        with suppress(deciding.DecidedAlready):
            try:
                approve(wish, by=person(SECOND), now=now)
            except impossible:
                decline(wish, by=person(SECOND), now=now)
        wish.refresh_from_db()
    return wish.state != wish.State.DECLINED


def given_back(run, call):
    """Return the cents of `call` that credit notes were to give back so far."""
    notes = [form for form in run.forms if isinstance(form, CreditNoteForm)]
    return sum(form.cents for form in notes if form.call == call)
