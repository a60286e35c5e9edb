"""`manage.py import_calls`: the bridges' call records come in."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize
from django.utils import timezone
from tqdm import tqdm

from conferences.records import formats, intake


class Command(BaseCommand):
    help = (
        "Take in call records: FreeSWITCH's conference CDRs (XML) and its reports of channels "
        "(JSON), and tables (CSV). Every record is accepted, a duplicate, or quarantined with its "
        "reason; a file may come again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of files"
        )

    def handle(self, *, paths, **options):
        try:
            files = [file for path in paths for file in files_of(path)]
            size = sum(file.stat().st_size for file in files)
            with tqdm(total=size, unit="B", unit_scale=True, disable=None) as bar:
                total = intake.take_in(files, now=timezone.now(), told=bar.update)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        self.report(len(files), total)
        for path in sorted(left_out(paths, files)):
            self.stdout.write(self.style.WARNING(f"Left out, not a call file by its name: {path}"))

    def report(self, files, total):
        self.stdout.write(
            f"{total.records} records in {files} file{pluralize(files)}: "
            f"{total.accepted} accepted + {total.duplicates} duplicates "
            f"+ {total.quarantined} quarantined."
        )
        self.stdout.write(
            f"Beside them: {total.recording_nodes} recordings and "
            f"{total.rejected_attempts} rejected attempts."
        )
        if total.quarantined:
            self.stdout.write(
                self.style.WARNING(
                    f"{total.quarantined} records wait in quarantine, each with its reason: "
                    "see Quarantine under /staff/."
                )
            )


def left_out(paths, files):
    """Return the files of the folders among `paths` that are not among `files`."""
    below = (file for path in paths if path.is_dir() for file in path.rglob("*"))
    return {file for file in below if file.is_file()}.difference(files)


def files_of(path):
    """Return `path`, or the call files below it if it is a folder. Raises OSError."""
    if not path.is_dir():
        path.open("rb").close()
        return [path]
    os.scandir(path).close()
    found = [file for file in path.rglob("*") if file.suffix.lower() in formats.SUFFIXES]
    return sorted(file for file in found if file.is_file())
