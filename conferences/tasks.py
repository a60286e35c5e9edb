"""What Celery hurries. Each task is safe to run twice; what is lost, the next round does."""

from celery import shared_task
from django.utils import timezone

from conferences.services import invitations, live, one_time, pins


@shared_task(expires=60)
def queue_reminders():
    invitations.queue_reminders(now=timezone.now())


@shared_task(expires=60)
def close_used_conferences():
    for _ in one_time.close_used_conferences(now=timezone.now()):
        pass


@shared_task
def release_rested_pins():
    pins.release_rested_pins(now=timezone.now())


@shared_task
def note_live_calls():
    live.note_live_calls()
