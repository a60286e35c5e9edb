"""Paths on which a bill is corrected by a credit note, whose PDF follows."""

from billing.models import Bill, Book, CreditNote, CreditNoteDocument, CreditNoteNumber
from billing.services import sweep
from billing.services.credit_notes import issue_credit_note
from tests.billing.killed_paths.world import (
    FIRST,
    FORM_KEY,
    in_book,
    later,
    logged,
    one_bill,
    paid_bill,
    staff,
    wrong,
)
from tests.billing.killing import Path, path


def give_back(cents=700, **more):
    """Send the form by which staff give back part of the bill's only line."""
    bill = Bill.objects.get()
    issue_credit_note(
        bill,
        amounts={bill.lines.get().pk: cents},
        reason="The line was noisy.",
        form_key=FORM_KEY,
        by=staff(),
        now=FIRST,
        **more,
    )


def give_back_and_print(**more):
    give_back(**more)
    list(sweep.make_documents(now=FIRST))


def what_there_is_of_notes(total=700):
    """Return what differs from one note of that many cents, numbered and printed."""
    notes = CreditNote.objects.values_list("number", "total_cents", "entry__reference")
    return {
        "notes": (list(notes), [(1, total, "credit-note:C000001")]),
        "next_number": (CreditNoteNumber.objects.get().next, 2),
        "unprinted": (CreditNoteDocument.objects.waiting().count(), 0),
        "logged": (logged(), {"issued": 1}),
    }


@path
def credit_note_of_an_unpaid_bill(standin):
    """The card is then charged only for the rest."""

    def arrange():
        one_bill(standin)
        staff()

    def follow():
        give_back_and_print()
        later()

    return Path(
        arrange=arrange,
        happen=give_back_and_print,
        follow=follow,
        wrong=lambda: wrong(
            standin,
            charges=[1800],
            letters={"credit_note": 1, "payment_received": 1},
            **what_there_is_of_notes(),
        ),
    )


@path
def credit_note_of_a_paid_bill(standin):
    """It stays as credit."""

    def arrange():
        paid_bill(standin)
        staff()

    return Path(
        arrange=arrange,
        happen=give_back_and_print,
        follow=give_back_and_print,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            balance=-700,
            letters={"credit_note": 1, "payment_received": 1},
            **what_there_is_of_notes(),
        ),
    )


@path
def credit_note_with_its_tax(standin):
    """The tax is not passed on either."""

    def arrange():
        one_bill(standin, tax=6, terms="check", token=None)
        staff()

    def happen():
        give_back_and_print(with_taxes=True)

    return Path(
        arrange=arrange,
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[],
            balance=2650 - 742,
            letters={"credit_note": 1},
            to_be_passed_on=(in_book(Book.TAX), -(150 - 42)),
            **what_there_is_of_notes(742),
        ),
    )
