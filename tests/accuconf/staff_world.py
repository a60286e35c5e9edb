"""One account with a row of everything that the back office shows."""

import datetime as dt
import itertools
import uuid

from accounts.actors import Actor
from accounts.services.audit import record
from accounts.services.letters import queue_letter
from billing.models import (
    Attempt,
    BillDelivery,
    BillDocument,
    BillJob,
    BillRun,
    Collection,
    Difference,
    Dispute,
    JournalEntry,
    StripeEvent,
)
from billing.services.credit_notes import issue_credit_note
from billing.services.questions import ask_about_line
from billing.services.refunds import ask_refund
from billing.services.write_offs import ask_write_off
from conferences.models import CallFile, ChannelEvent, ChannelReport, QuarantinedRecord
from tests import make

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
MONTH = "2026-03"

_serial = itertools.count(1)


def everything(plan):
    """Make an account of `plan` with a row in each table, and return it."""
    serial = next(_serial)
    account = make.account(name=f"Company {serial}", terms="card", plan=plan)
    make.card(account=account)
    make.single_sign_on(account=account, slug=f"company-{serial}", issuer="https://login.example")
    person = make.user(account=account, role="admin", name=f"Person {serial}")
    line = make.conference(account=account, name=f"Line {serial}")
    make.pin(conference=line)
    make.bridge(name=f"bridge {serial}")
    make.recording(conference=line)
    make.dial_in_number(number=f"1800555{serial:04}", label=f"Number {serial}")
    by = Actor(user=person)
    record("changed", account, by=by, now=NOW, account=account, after={"phone": "1"})
    queue_letter(
        "invitation", to=person.email, key=f"{person.pk}", now=NOW, account=account, user=person
    )
    prices_to_come(account, serial)
    bill = make.issued(account, MONTH, dollars=30)
    run, _ = BillRun.objects.get_or_create(
        year=2026, month_of_year=3, billing_zone="America/New_York", opened_at=NOW
    )
    BillJob.objects.create(run=run, account=account, bill=bill, tries=1, tried_at=NOW)
    make.check(account, check_number="1001", amount_cents=500, now=NOW)
    follow_up(bill, person)
    told_by_stripe(serial)
    corrected(bill, person)
    quarantined(serial)
    return account


def prices_to_come(account, serial):
    """Make fees, taxes and a late fee that no bill of this world charges yet."""
    later = {"starts_on": NOW.date() + dt.timedelta(days=365 + serial)}
    make.fee(account=account, **later)
    make.late_fee(**later)
    tax = make.tax(**later)
    account.tax_exemptions.create(tax=tax, certificate=f"NY-{serial}", **later)


def told_by_stripe(serial):
    StripeEvent.objects.create(
        id=f"evt_{serial}", type="charge.updated", object_id="ch_1", received_at=NOW
    )
    Difference.objects.create(
        kind="not_booked", reference=f"ch_{serial}", theirs_cents=500, found_at=NOW
    )


def follow_up(bill, person):
    """Make what follows a bill, as far as issuing it has not made it already."""
    BillDocument.objects.get_or_create(bill=bill)
    BillDelivery.objects.get_or_create(
        bill=bill,
        email=person.email,
        defaults={"user": person, "message_id": f"<{bill.pk}@x.example>", "next_try_at": NOW},
    )
    collection, _ = Collection.objects.get_or_create(
        bill=bill,
        defaults={"amount_cents": bill.amount_due_cents, "currency": "USD", "updated_at": NOW},
    )
    Attempt.objects.create(
        collection=collection, number=1, payment_method_id="pm_x", started_at=NOW, state="declined"
    )
    assert JournalEntry.objects.filter(account=bill.account).exists()


def corrected(bill, person):
    """Correct a bill in each way, and question it."""
    ask = {"reason": "They asked.", "by": Actor(user=person), "now": NOW}
    line = bill.lines.get()
    account = bill.account
    ask_about_line(line, text="Why?", by=Actor(user=person), now=NOW)
    issue_credit_note(bill, amounts={line.pk: 200}, form_key=uuid.uuid4(), **ask)
    ask_write_off(bill, amount_cents=100, form_key=uuid.uuid4(), **ask)
    payment = make.check(account, check_number="1", amount_cents=5000, now=NOW)
    ask_refund(payment, amount_cents=100, check_number="7", form_key=uuid.uuid4(), **ask)
    Dispute.objects.create(
        dispute_id=f"dp_{bill.pk}",
        account=account,
        payment=payment,
        amount_cents=100,
        currency="USD",
        reason="fraudulent",
        status="needs_response",
        opened_at=NOW,
        updated_at=NOW,
    )


def quarantined(serial):
    call_file = CallFile.objects.create(
        name=f"calls-{serial}.csv", sha256=f"{serial:064}", received_at=NOW, quarantined=1
    )
    ChannelReport.objects.create(
        bridge="bridge1",
        channel=f"bridge1/{serial}",
        is_outbound=False,
        started_at=NOW,
        ended_at=NOW,
        call_file=call_file,
        position=1,
    )
    ChannelEvent.objects.create(
        bridge="asterisk1",
        unique_id=f"1795367431.{serial}",
        kind="CHAN_START",
        at=NOW,
        digest=f"{serial:064}",
        call_file=call_file,
        position=1,
    )
    return QuarantinedRecord.objects.create(
        call_file=call_file,
        position=1,
        bridge="bridge1",
        external_id=f"leg-{serial}",
        reason=QuarantinedRecord.Reason.UNKNOWN_NUMBER,
        detail="The number dialled is in no row.",
        raw="bridge1,<b>not markup</b>",
        quarantined_at=NOW,
    )
