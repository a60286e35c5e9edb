"""Paths on which money goes back: asked for, allowed, sent by Stripe, and perhaps failed there."""

from collections import Counter
from contextlib import suppress

from accounts.models import Account
from billing.gateway import gateway
from billing.models import Book, JournalEntry, RefundRequest
from billing.services import deciding, refunds
from tests import make
from tests.billing.killed_paths.credit_notes import give_back
from tests.billing.killed_paths.world import (
    FIRST,
    FORM_KEY,
    HOUR,
    in_book,
    in_child,
    logged,
    one_bill,
    paid_bill,
    staff,
    tell_all,
    wrong,
)
from tests.billing.killing import Path, path


def credited(standin, *, cents=700, **more):
    """Let a bill be paid by card, and part of it be credit since."""
    paid_bill(standin, **more)
    staff()
    in_child(lambda: give_back(cents))


def ask(cents=700, **more):
    """Send the form by which staff ask for a refund."""
    return refunds.ask_refund(
        JournalEntry.objects.payments().get(),
        amount_cents=cents,
        reason="They asked.",
        form_key=FORM_KEY,
        by=staff(),
        now=FIRST,
        **more,
    )


def send():
    """Do what the timetable does."""
    list(refunds.send_due_refunds(gateway=gateway(), now=FIRST + HOUR))


def arrive(standin, *, failure=None):
    """Let the bank answer for each refund, once, and Stripe tell of it."""
    for refund in standin.objects("refund"):
        if refund["status"] == "pending" or (failure and refund["status"] != "failed"):
            standin.finish_refund(refund["id"], failure=failure)
    tell_all(standin)


def one_refund(standin, *, state, at_stripe, received=2500, audited=None):
    """Return what differs from one refund, in `state` here and with those ends `at_stripe`."""
    made = standin.objects("refund")
    gone = [refund["amount"] for refund in made if refund["status"] != "failed"]
    return {
        "requests": (list(RefundRequest.objects.values_list("state", flat=True)), [state]),
        "at_stripe": (Counter(refund["status"] for refund in made), at_stripe),
        "card_clearing": (in_book(Book.CARD_CLEARING), received - sum(gone)),
        "logged": (logged(), audited or {"issued": 1, "asked for": 1}),
    }


@path
def refund_within_the_limit(standin):
    """Stripe takes it at once; by a webhook it tells that it has arrived."""

    def happen():
        ask()
        send()
        arrive(standin)

    return Path(
        arrange=lambda: credited(standin, token="pm_card_pendingRefund"),
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            letters={"payment_received": 1, "credit_note": 1, "refund_sent": 1},
            **one_refund(standin, state="succeeded", at_stripe={"succeeded": 1}),
        ),
    )


@path
def refund_that_a_second_person_allows(standin):
    """It is above the limit: nothing moves until somebody else has allowed it."""

    def happen():
        request = ask(60_000)
        with suppress(deciding.DecidedAlready):
            refunds.approve_refund(request, by=staff("Zoe Second"), now=FIRST)
        send()
        arrive(standin)

    def arrange():
        credited(standin, cents=60_000, callers=40)
        staff("Zoe Second")

    return Path(
        arrange=arrange,
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[100_000],
            letters={"payment_received": 1, "credit_note": 1, "refund_sent": 1},
            **one_refund(
                standin,
                state="succeeded",
                at_stripe={"succeeded": 1},
                received=100_000,
                audited={"issued": 1, "asked for": 1, "allowed": 1},
            ),
        ),
    )


@path
def refund_that_fails_at_the_bank(standin):
    """The money comes back to us days later, and is the account's credit again."""

    def happen():
        ask()
        send()
        arrive(standin, failure="expired_or_canceled_card")

    return Path(
        arrange=lambda: credited(standin),
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            balance=-700,
            letters={
                "payment_received": 1, "credit_note": 1, "refund_sent": 1, "refund_failed": 1,
            },
            **one_refund(standin, state="failed", at_stripe={"failed": 1}),
        ),
    )  # fmt: skip


@path
def refund_that_stripe_refuses(standin):
    """The charge is disputed, of which we have not heard yet."""

    def arrange():
        credited(standin)
        standin.dispute(standin.objects("charge")[0]["id"])

    def happen():
        ask()
        send()

    return Path(
        arrange=arrange,
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            balance=-700,
            letters={"payment_received": 1, "credit_note": 1, "refund_failed": 1},
            **one_refund(standin, state="failed", at_stripe={}),
        ),
    )


@path
def refund_by_a_check_of_ours(standin):
    """What came by check goes back by check: it is booked at once, and Stripe has no part in it."""

    def arrange():
        one_bill(standin, terms="check", token=None)
        staff()
        make.check(Account.objects.get(), check_number="1", amount_cents=4000, now=FIRST)

    def happen():
        ask(500, check_number="884")
        send()

    return Path(
        arrange=arrange,
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[],
            balance=-1000,
            letters={"refund_sent": 1},
            requests=(list(RefundRequest.objects.values_list("state", flat=True)), ["succeeded"]),
            in_the_bank=(in_book(Book.BANK), 3500),
            logged=(logged(), {"recorded": 1, "asked for": 1}),
        ),
    )
