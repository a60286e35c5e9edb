"""What Celery hurries. Each task is safe to run twice; what is lost, the next sweep does."""

from celery import shared_task
from django.utils import timezone

from billing.gateway import gateway
from billing.models import BillDocument
from billing.services import documents, runs
from billing.services import sweep as sweeping


@shared_task
def bill_closed_months():
    now = timezone.now()
    runs.open_closed_runs(now=now)
    for _ in runs.issue_waiting(gateway=gateway(), now=now):
        pass
    for document in BillDocument.objects.waiting():
        make_document.delay(document_id=document.pk)


@shared_task
def make_document(*, document_id):
    documents.make_document(BillDocument.objects.get(pk=document_id), now=timezone.now())


@shared_task
def sweep():
    sweeping.sweep(gateway=gateway(), now=timezone.now())
