"""`manage.py take_in_recordings`: what bridges have put into the watched folder comes in."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from conferences.services.recordings_folder import take_in_folder


class Command(BaseCommand):
    help = (
        "Take in the recordings that are handed over in FOLDER: pairs of a sound and a JSON "
        "document that was renamed in last (docs/recordings.md)."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "folder", nargs="?", default=settings.RECORDINGS_FOLDER, metavar="FOLDER",
            help="where they lie; RECORDINGS_FOLDER where none is given",
        )  # fmt: skip

    def handle(self, *, folder, **options):
        if not folder:
            raise CommandError("Name a folder, or set RECORDINGS_FOLDER.")
        try:
            outcomes = take_in_folder(Path(folder), now=timezone.now())
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
        self.stdout.write(f"Recordings: {told}.")
        if outcomes["waiting"]:
            self.stdout.write(self.style.WARNING("What waits cannot be read yet; see the log."))
        if outcomes["refused"]:
            self.stdout.write(
                self.style.WARNING(f"The refused lie in {folder}/refused, each with its reason.")
            )
