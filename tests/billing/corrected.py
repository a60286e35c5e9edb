"""Books that were corrected in each way there is."""

import uuid

from accounts.actors import Actor
from billing.gateway import ChargeDispute
from billing.models import JournalEntry
from billing.services import disputes, ledger, refunds, write_offs
from tests import make


def correct_in_each_way(account, *, now):
    """Correct the books of `account`, and refund a check of the account Generous.

    Its one payment by card was disputed, and the dispute won.
    """
    by, other = (Actor(user=make.user(name=name)) for name in ("Stefan Staff", "Zoe Second"))
    ask = {"reason": "They asked.", "by": by, "now": now}
    first, last = account.bills.order_by("number")
    make.credit_note(first, cents=2, by=by.user, now=now)
    write_offs.ask_write_off(last, amount_cents=5, form_key=uuid.uuid4(), **ask)
    _dispute_and_win(JournalEntry.objects.payments().get(account=account), now=now)
    check = JournalEntry.objects.payments().get(account__name="Generous")
    refund = refunds.ask_refund(
        check, amount_cents=100_000, check_number="9", form_key=uuid.uuid4(), **ask
    )
    refunds.approve_refund(refund, by=other, now=now)


def _dispute_and_win(payment, *, now):
    _, cents = ledger.money_of(payment)
    told = ChargeDispute(
        id="dp_1",
        charge_id=payment.reference,
        amount_cents=cents,
        currency="USD",
        status="won",
        reason="fraudulent",
        answer_by=None,
        opened_at=now,
        withdrawn_cents=cents,
        reinstated_cents=cents,
    )
    disputes.apply_dispute(payment, told, now=now)
