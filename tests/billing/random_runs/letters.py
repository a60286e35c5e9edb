"""What is wrong with letters: each is sent; more than once only where the answer was lost."""

from collections import Counter

from accounts.models import AuditEntry, Letter
from billing.models import Bill, BillDelivery, Collection, CreditNote, RefundRequest
from tests.billing.killing import unlike


def wrong(run):
    copies = Counter(message["Message-ID"] for message in run.smtp.messages)
    sent, not_wanted = with_state("sent"), with_state("refused", tries__gt=1)
    return unlike(
        never_came=([name for name in sent if name not in copies], []),
        # One whose answer was lost may no longer be wanted when its turn comes again.
        came_unasked=([name for name in copies if name not in {*sent, *not_wanted}], []),
        too_often=([n for n, times in copies.items() if times > 1 + run.crashes], []),
        e_bills=(BillDelivery.objects.filter(state="sent").count(), Bill.objects.count()),
        given_up=(list(Letter.objects.filter(last_error__startswith="Given up")), []),
        **one_for_each_fact(),
    )


def with_state(state, **more):
    """Return the Message-IDs of letters in `state`."""
    kinds = (BillDelivery, Letter)
    found = [kind.objects.filter(state=state, **more) for kind in kinds]
    return [letter.message_id for letters in found for letter in letters]


def one_for_each_fact():
    """Return how many letters told of each, and how many ought to."""
    paid = Collection.objects.filter(state="paid")
    failed = RefundRequest.objects.filter(state="failed")
    return {
        "receipts": (told("payment_received", "collection"), once(paid)),
        "credit_notes": (told("credit_note", "note"), once(CreditNote.objects.all())),
        "failed_refunds": (told("refund_failed", "request"), once(failed)),
        "logged_notes": (
            AuditEntry.objects.filter(verb="issued").count(),
            CreditNote.objects.count(),
        ),
    }


def told(kind, about):
    return Counter(letter.facts[about] for letter in Letter.objects.filter(kind=kind))


def once(rows):
    return Counter(rows.values_list("pk", flat=True))
