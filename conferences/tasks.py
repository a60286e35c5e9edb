"""What Celery hurries about calls. What is lost, the next round does."""

from celery import shared_task
from django.utils import timezone

from conferences.records import intake, spool


@shared_task(expires=10)
def take_in_spool():
    spool.take_in_spool(now=timezone.now())


@shared_task(expires=60)
def retry_confirmed():
    intake.retry_confirmed(now=timezone.now())
