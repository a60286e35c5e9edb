"""`manage.py import_customers FILE.json`: bring an operator's customers into the portal.

The format is explained in docs/customers-format.md. Importing again changes nothing. The exit
code is 0 where every row of the file is in the portal, 1 where any was refused.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from accuconf.moving_in.taking_in import LISTS, NotOurFormat, document_of, take_in


class Command(BaseCommand):
    help = "Bring accounts, users, conferences and rate plans in from a JSON file."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE.json")

    def handle(self, *, file, **options):
        try:
            document = document_of(file.read_bytes())
        except (OSError, NotOurFormat) as error:
            raise CommandError(f"{file}: {error}") from error
        report = take_in(document, now=timezone.now(), progress=self._with_bar)
        self._tell(report)
        if report.refused:
            raise CommandError(f"{report.refused.total()} refused; all others are in the portal.")

    def _with_bar(self, accounts):
        return tqdm(accounts, desc="Accounts", unit=" accounts", disable=None)

    def _tell(self, report):
        for note in report.differences:
            self.stdout.write(f"Left as it is: {note}")
        for note in report.refusals:
            self.stderr.write(f"Refused: {note}")
        for name in [*LISTS, "other fields"]:
            counts = (report.taken_in[name], report.there_already[name], report.refused[name])
            if any(counts):
                words = "{} taken in, {} there already, {} refused".format(*counts)
                self.stdout.write(f"{name.replace('_', ' ').capitalize()}: {words}")
