"""What Celery hurries: reminders, and closing. Safe to run twice; what is lost, the next does."""

from celery import shared_task
from django.utils import timezone

from conferences.services import invitations, one_time


@shared_task(expires=60)
def queue_reminders():
    invitations.queue_reminders(now=timezone.now())


@shared_task(expires=60)
def close_used_conferences():
    for _ in one_time.close_used_conferences(now=timezone.now()):
        pass
