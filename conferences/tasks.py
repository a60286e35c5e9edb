"""What Celery hurries: call records. What is lost, the next round takes in."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from conferences.folder import FolderBusy, take_in_folder
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
