"""`manage.py watch_calls`: files of call records come in from the watched folder."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from conferences.folder import FolderBusy, take_in_folder
from conferences.services.call_files import assemble_legs


class Command(BaseCommand):
    help = (
        "Take in the files that bridges lay into the watched folder (CALLS_FOLDER), and make legs "
        "of the calls that are over. Celery does this each minute; see docs/call-records.md."
    )

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="make one pass, and end")
        parser.add_argument(
            "--every", type=int, default=10, metavar="SECONDS", help="how often to look"
        )

    def handle(self, *, once, every, **options):
        if settings.CALLS_FOLDER is None:
            raise CommandError("CALLS_FOLDER names no folder to watch.")
        self.look()
        while not once:
            time.sleep(every)
            self.look()

    def look(self):
        try:
            files = take_in_folder(settings.CALLS_FOLDER, now=timezone.now())
        except FolderBusy as busy:
            self.stdout.write(str(busy))
            return
        legs = assemble_legs(now=timezone.now())
        for what, counts in (("records", files), ("legs of channel events", legs)):
            if counts.records:
                self.stdout.write(
                    f"{counts.records} {what}: {counts.accepted} accepted "
                    f"+ {counts.duplicates} duplicates + {counts.quarantined} quarantined."
                )
