"""The small world in which paths are killed: one account, one bill, and what happens by itself."""

import datetime as dt
import json
import uuid
from collections import Counter

import stripe
from django.test import Client

from accounts.actors import Actor
from accounts.models import Account, AuditEntry, Letter
from accounts.periods import Month
from billing.gateway import gateway
from billing.models import Attempt, StripeEvent
from billing.services import events, ledger, runs, sweep
from billing.services.issue import opens_at
from billing.verification import books
from tests import make
from tests.billing import killing
from tests.billing.killing import unlike
from tests.children import fork, wait
from users.models import User

MARCH = Month(2026, 3, "America/New_York")
FIRST = opens_at(MARCH)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CLERK = Actor(label="a clerk")
#: By which the stand-in signs what it tells.
SECRET = "whsec_of_this_test"
#: Of the form that staff send, and send again where they have seen no answer.
FORM_KEY = uuid.UUID(int=1)


def one_bill(standin, *, terms="card", token="pm_card_visa", callers=1, tax=None):
    """Let there be one bill for March, not yet paid, of $25.00 for each caller; one reads it.

    `tax` is in percent, and comes on top.
    """
    killing.empty_all_tables()
    standin.reset()
    if tax:
        make.tax(percent=tax)
    account = make.account(terms=terms, plan=make.rate_plan(local="0.25"))
    make.user(account=account, role="admin", email="admin@aurora.example")
    if token:
        make.stripe_card(account, token=token)
    line = make.conference(account=account)
    make.session(conference=line, legs=[(6000, "local")] * callers)
    make.session(conference=line, started_at=MARCH.end + DAY, legs=[(6000, "local")])
    bill_month(MARCH)
    return account


def paid_bill(standin, **more):
    """Let the bill be paid by the card on file."""
    account = one_bill(standin, **more)
    in_child(charge)
    return account


def staff(name="Stefan Staff"):
    """Return the member of staff of that name."""
    known = User.objects.filter(name=name).first()
    return Actor(user=known or make.user(name=name, is_superuser=True))


def bill_month(month):
    runs.open_runs(month, now=opens_at(month))
    for _ in runs.issue_waiting(gateway=gateway(), now=opens_at(month)):
        pass


def in_child(work):
    assert wait(fork(work)) == 0


def charge(now=FIRST):
    for _ in sweep.collect_due(gateway=gateway(), now=now):
        pass


def later(since=FIRST):
    """Do what the timetable does in the hours after."""
    for hours in (1, 3):
        list(runs.issue_waiting(gateway=gateway(), now=since + hours * HOUR))
        list(events.work_events(gateway=gateway(), now=since + hours * HOUR))
        charge(since + hours * HOUR)


def wrong(standin, *, charges, balance=0, letters=None, **more):
    """Name what is not as it ought to be; `letters` are counted by their kind."""
    found = books.verify(now=FIRST + HOUR)
    return unlike(
        charges=(standin.charges(), charges),
        balance=(ledger.balance_cents(Account.objects.get()), balance),
        letters=(
            dict(Counter(Letter.objects.values_list("kind", flat=True))),
            letters if letters is not None else {"payment_received": len(charges)},
        ),
        live_attempts=(Attempt.objects.filter(state__in=Attempt.LIVE).count(), 0),
        events_waiting=(StripeEvent.objects.waiting().count(), 0),
        findings=([one.check.name for one in found if one.check.serious], []),
        **more,
    )


def logged():
    """Count what the audit log tells, by what was done."""
    return dict(Counter(AuditEntry.objects.values_list("verb", flat=True)))


def in_book(book):
    account = Account.objects.get()
    postings = [entry.postings.filter(book=book) for entry in account.journal.all()]
    return sum(posting.amount_cents for found in postings for posting in found)


def tell_all(standin, *, newest_first=False):
    """Let Stripe tell every event so far; it tells again until it is answered."""
    told = standin.objects("event")
    for event in reversed(told) if newest_first else told:
        body = json.dumps(event)
        signature = stripe.WebhookSignature.generate_signature_header(body, SECRET)
        answer = Client().post(
            "/stripe/webhook/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signature},
        )
        assert answer.status_code == 200
    list(events.work_events(gateway=gateway(), now=FIRST))


def charge_and_lose_the_answer(standin):
    """Take the money, of which only Stripe then knows."""
    standin.drop_next_answer("confirm", times=3)
    in_child(charge)
    assert Attempt.objects.get().state == "unknown"
