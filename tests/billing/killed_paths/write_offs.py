"""Paths on which staff give up what is owed."""

from contextlib import suppress

from billing.models import Bill, Book, WriteOff
from billing.services import deciding, write_offs
from tests.billing.killed_paths.world import (
    FIRST,
    FORM_KEY,
    in_book,
    later,
    logged,
    one_bill,
    staff,
    wrong,
)
from tests.billing.killing import Path, path


def ask(cents):
    """Send the form by which staff ask to write off part of the bill."""
    return write_offs.ask_write_off(
        Bill.objects.get(),
        amount_cents=cents,
        reason="They are gone.",
        form_key=FORM_KEY,
        by=staff(),
        now=FIRST,
    )


def arrange(standin, **more):
    one_bill(standin, terms="check", token=None, **more)
    for name in ("Stefan Staff", "Zoe Second"):
        staff(name)


def one_write_off(cents, audited):
    """Return what differs from one write-off of that many cents."""
    asked = WriteOff.objects.values_list("state", "amount_cents")
    return {
        "asked": (list(asked), [("booked", cents)]),
        "given_up": (in_book(Book.BAD_DEBT), cents),
        "logged": (logged(), audited),
    }


@path
def write_off_within_the_limit(standin):
    def happen():
        ask(1000)
        later()

    return Path(
        arrange=lambda: arrange(standin),
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[],
            balance=1500,
            letters={},
            **one_write_off(1000, {"asked for": 1}),
        ),
    )


@path
def write_off_that_a_second_person_allows(standin):
    def happen():
        asked = ask(100_000)
        with suppress(deciding.DecidedAlready):
            write_offs.approve_write_off(asked, by=staff("Zoe Second"), now=FIRST)

    return Path(
        arrange=lambda: arrange(standin, callers=40),
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[],
            letters={},
            unpaid=(Bill.objects.unpaid().count(), 0),
            **one_write_off(100_000, {"asked for": 1, "allowed": 1}),
        ),
    )
