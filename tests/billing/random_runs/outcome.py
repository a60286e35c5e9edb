"""What is wrong when all is quiet: what is here, laid beside what ought to be."""

from billing.models import CreditNote, Difference, Dispute, JournalEntry, RefundRequest, WriteOff
from billing.services import ledger
from billing.verification import books
from tests.billing.killing import unlike
from tests.billing.random_runs import forms, letters
from tests.billing.random_runs.expected import Expected


def wrong(run):
    expected = Expected(run)
    return [
        *wrong_with_charges(expected),
        *wrong_with_balances(run, expected),
        *wrong_with_corrections(run, expected),
        *letters.wrong(run),
        *(f"{one.check.name}: {one.rows}" for one in findings(run)),
    ]


def findings(run):
    """Return what `verify_books` finds; that a dispute is open is known."""
    found = books.verify(now=run.now)
    return [one for one in found if one.check.name != "money_waits_for_somebody"]


def wrong_with_charges(expected):
    ours = JournalEntry.objects.payments().filter(reference__startswith="ch_")
    false_alarms = Difference.objects.exclude(kind=Difference.Kind.NOT_BOOKED)
    return unlike(
        charges=(
            {entry.reference: -entry.receivable_cents for entry in ours.with_receivable()},
            {one["id"]: one["amount"] for one in expected.charges},
        ),
        taken_twice=(expected.twice(expected.charges, lambda one: one["payment_intent"]), []),
        false_alarms=(list(false_alarms), []),
    )


def wrong_with_balances(run, expected):
    return unlike(
        balances=(
            {account.number: ledger.balance_cents(account) for account in run.accounts},
            {account.number: expected.owed(account) for account in run.accounts},
        ),
        credit_of_nothing=(
            [
                account.number
                for account in run.accounts
                if ledger.balance_cents(account) < 0 and not expected.may_have_credit(account)
            ],
            [],
        ),
    )


def wrong_with_corrections(run, expected):
    """Lay each form beside what came of it, here and at Stripe."""
    refunds = RefundRequest.objects.all()
    going = refunds.filter(state__in=RefundRequest.GOING, refund_id__isnull=False)
    return unlike(
        notes=(
            {note.form_key: note.total_cents for note in CreditNote.objects.all()},
            expected.accepted(forms.CreditNoteForm),
        ),
        write_offs=(allowed(WriteOff.objects.all()), expected.accepted(forms.WriteOffForm)),
        refunds=(allowed(refunds), expected.accepted(forms.RefundForm)),
        refunds_at_stripe=(
            {one.refund_id: one.amount_cents for one in going},
            {one["id"]: one["amount"] for one in expected.refunds},
        ),
        given_back_twice=(
            expected.twice(run.standin.objects("refund"), lambda one: one["metadata"]["request"]),
            [],
        ),
        disputes=(
            {one.dispute_id: one.status for one in Dispute.objects.all()},
            {one["id"]: one["status"] for one in expected.disputes},
        ),
    )


def allowed(wishes):
    return {one.form_key: one.amount_cents for one in wishes.exclude(state="declined")}
