"""Paths on which a bank takes a payment back, as Stripe's webhooks tell."""

from billing.models import Book, Dispute
from tests.billing.killed_paths.collecting import reconcile_tonight
from tests.billing.killed_paths.world import (
    charge_and_lose_the_answer,
    in_book,
    later,
    logged,
    one_bill,
    paid_bill,
    tell_all,
    wrong,
)
from tests.billing.killing import Path, path


def disputed(standin):
    """Let the only charge be disputed, of which nobody here knows yet."""
    paid_bill(standin)
    standin.dispute(standin.objects("charge")[0]["id"])


def hear(standin):
    """Hear from Stripe; in the hours after, the card must be left alone."""
    tell_all(standin)
    later()


def decided(standin, status):
    """Return what hears of the dispute, and again once the bank has decided it, once."""

    def happen():
        hear(standin)
        for dispute in standin.objects("dispute"):
            if dispute["status"] != status:
                standin.close_dispute(dispute["id"], status)
        hear(standin)

    return happen


def one_dispute(*, status, withdrawn, audited):
    """Return what differs from one dispute in `status`, with that sum gone from our account."""
    return {
        "disputes": (list(Dispute.objects.values_list("status", flat=True)), [status]),
        "card_clearing": (in_book(Book.CARD_CLEARING), 2500 - withdrawn),
        "logged": (logged(), audited),
    }


@path
def dispute_opened(standin):
    return Path(
        arrange=lambda: disputed(standin),
        happen=lambda: hear(standin),
        follow=lambda: hear(standin),
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            balance=2500,
            letters={"payment_received": 1, "dispute": 1},
            **one_dispute(status="needs_response", withdrawn=2500, audited={"opened": 1}),
        ),
    )


@path
def dispute_lost(standin):
    return Path(
        arrange=lambda: disputed(standin),
        happen=decided(standin, "lost"),
        follow=decided(standin, "lost"),
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            balance=2500,
            letters={"payment_received": 1, "dispute": 2},
            **one_dispute(status="lost", withdrawn=2500, audited={"opened": 1, "changed": 1}),
        ),
    )


@path
def dispute_won(standin):
    return Path(
        arrange=lambda: disputed(standin),
        happen=decided(standin, "won"),
        follow=decided(standin, "won"),
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            letters={"payment_received": 1, "dispute": 2},
            **one_dispute(status="won", withdrawn=0, audited={"opened": 1, "changed": 1}),
        ),
    )


@path
def dispute_told_before_its_payment_is_booked(standin):
    """The answer to the charge was lost, and events come the newest first; the night catches up."""

    def arrange():
        one_bill(standin)
        charge_and_lose_the_answer(standin)
        standin.dispute(standin.objects("charge")[0]["id"])

    def happen():
        tell_all(standin, newest_first=True)
        later()
        reconcile_tonight()

    return Path(
        arrange=arrange,
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            balance=2500,
            letters={"payment_received": 1, "dispute": 1},
            **one_dispute(status="needs_response", withdrawn=2500, audited={"opened": 1}),
        ),
    )
