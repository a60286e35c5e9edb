"""What Celery hurries. Each task is safe to run twice; what is lost, the next sweep does."""

from celery import shared_task
from django.utils import timezone

from billing.gateway import gateway
from billing.models import BillDocument
from billing.services import documents, runs
from billing.services.sweep import sweep as sweep_everything


@shared_task
def bill_closed_months():
    now = timezone.now()
    runs.open_runs(runs.last_closed_month(now), now=now)
    for document in BillDocument.objects.waiting():
        make_document.delay(document_id=document.pk)
    sweep.delay()


@shared_task
def make_document(*, document_id):
    documents.make_document(BillDocument.objects.get(pk=document_id), now=timezone.now())


@shared_task
def sweep():
    sweep_everything(gateway=gateway(), now=timezone.now())
