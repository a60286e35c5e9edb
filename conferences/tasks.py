"""What Celery hurries about calls. What is lost, the next round does."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from conferences.folder import FolderBusy, take_in_folder
from conferences.records import intake, spool
from conferences.services import call_files


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
