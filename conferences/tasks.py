"""What Celery hurries for conferences. Each task is safe to run twice."""

from celery import shared_task

from conferences.services import live


@shared_task
def note_live_calls():
    live.note_live_calls()
