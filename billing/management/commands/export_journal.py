"""`manage.py export_journal`: print the books for an outside tool."""

from django.core.management.base import BaseCommand

from billing.hledger import journal_lines

FORMATS = {"hledger": journal_lines}


class Command(BaseCommand):
    help = "Print every entry of the books; hledger checks and totals what comes out."

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=FORMATS, default="hledger", help="default: hledger")

    def handle(self, *, format, **options):
        for line in FORMATS[format]():
            self.stdout.write(line, ending="")
