"""What Celery hurries. Each task is safe to run twice; what is lost, the next round does."""

from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from conferences.folder import FolderBusy, take_in_folder
from conferences.records import intake, spool
from conferences.services import call_files, invitations, live, one_time, pins
from conferences.services.recordings_folder import take_in_folder as take_in_recordings_folder
from conferences.services.retention import sweep_recordings as sweep


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


@shared_task(expires=60)
def sweep_recordings():
    sweep(now=timezone.now())


@shared_task(expires=60)
def take_in_recordings():
    if settings.RECORDINGS_FOLDER:
        take_in_recordings_folder(Path(settings.RECORDINGS_FOLDER), now=timezone.now())


@shared_task(expires=60)
def take_in_calls():
    if settings.CALLS_FOLDER is not None:
        try:
            take_in_folder(settings.CALLS_FOLDER, now=timezone.now())
        except FolderBusy:
            return  # the pass that is under way takes in what is there


@shared_task(expires=60)
def assemble_legs():
    call_files.assemble_legs(now=timezone.now())


@shared_task(expires=10)
def take_in_spool():
    spool.take_in_spool(now=timezone.now())


@shared_task(expires=60)
def retry_confirmed():
    intake.retry_confirmed(now=timezone.now())
