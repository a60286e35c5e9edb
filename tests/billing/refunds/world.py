"""A bill paid by card, part of it credited, and refunds sent to Stripe."""

import datetime as dt
import uuid

from accounts.actors import Actor
from billing.gateway import gateway
from billing.models import Collection, JournalEntry, RefundRequest
from billing.services import collect, refunds
from billing.services.credit_notes import issue_credit_note
from tests import make

NOW = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
State = RefundRequest.State


def paid_by_card(account, *, token="pm_card_visa", credited=60_000):
    make.stripe_card(account, token=token)
    bill = make.issued(account, "2026-03", dollars=1000)
    collect.collect(Collection.objects.get(bill=bill), gateway=gateway(), now=NOW)
    clerk = make.user(name="Nora Note", is_superuser=True)
    issue_credit_note(
        bill,
        amounts={bill.lines.get().pk: credited},
        reason="Noise",
        form_key=uuid.uuid4(),
        by=Actor(user=clerk),
        now=NOW,
    )
    return JournalEntry.objects.payments().get(account=account)


def send(now=NOW):
    return list(refunds.send_due_refunds(gateway=gateway(), now=now))


def returned(stripe_standin):
    return [refund["amount"] for refund in stripe_standin.objects("refund")]
