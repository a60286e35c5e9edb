"""What Celery hurries. Each task is safe to run twice; what is lost, the next round does.

Each kind of work is a task of its own, so that trouble with one holds up no other.
"""

from celery import shared_task
from django.utils import timezone

from billing.gateway import GatewayUnavailable, gateway
from billing.models import BillDocument, CreditNoteDocument
from billing.services import (
    cards,
    delivery,
    documents,
    dunning,
    events,
    reconcile,
    refunds,
    reminders,
    runs,
    sweep,
)


@shared_task
def bill_closed_months():
    runs.open_closed_runs(now=timezone.now())


@shared_task
def issue_bills():
    issued = [job for job in runs.issue_waiting(gateway=gateway(), now=timezone.now()) if job.bill]
    if issued:
        make_documents.delay()


@shared_task
def collect_due():
    for _ in sweep.collect_due(gateway=gateway(), now=timezone.now()):
        pass


@shared_task
def follow_up():
    dunning.flag_unpaid(now=timezone.now())
    dunning.flag_unanswered(now=timezone.now())
    dunning.warn_of_expiring_cards(now=timezone.now())
    reminders.remind(now=timezone.now())


@shared_task
def send_refunds():
    for _ in refunds.send_due_refunds(gateway=gateway(), now=timezone.now()):
        pass


@shared_task
def work_events():
    for _ in events.work_events(gateway=gateway(), now=timezone.now()):
        pass


@shared_task(autoretry_for=[GatewayUnavailable], retry_backoff=60, max_retries=5)
def reconcile_charges():
    reconcile.reconcile(gateway=gateway(), now=timezone.now())


@shared_task
def detach_replaced_cards():
    for _ in cards.detach_replaced(gateway=gateway(), now=timezone.now()):
        pass


@shared_task
def make_documents():
    """Hand the PDFs out one by one, the newest first: they are slow, and all workers share them."""
    for document in BillDocument.objects.waiting().order_by("tries", "-pk"):
        make_document.delay(document_id=document.pk)
    for document in CreditNoteDocument.objects.waiting():
        make_credit_note_document.delay(document_id=document.pk)


@shared_task(expires=300)
def make_document(*, document_id):
    documents.make_document(BillDocument.objects.get(pk=document_id), now=timezone.now())


@shared_task(expires=300)
def make_credit_note_document(*, document_id):
    document = CreditNoteDocument.objects.get(pk=document_id)
    documents.make_document(document, now=timezone.now())


@shared_task
def send_bills():
    for _ in delivery.send_due_deliveries(now=timezone.now()):
        pass
