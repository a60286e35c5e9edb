"""`manage.py export_bill NUMBER`: print one bill as data."""

import re

from django.core.management.base import BaseCommand, CommandError

from billing import einvoice, export
from billing.models import Bill

FORMATS = {
    "json": export.as_json,
    "csv": export.as_csv,
    "xml": lambda bill: einvoice.as_xml(bill).decode(),
}


class Command(BaseCommand):
    help = "Print a bill's statement block, lines and charges as JSON or CSV, or as an e-invoice."

    def add_arguments(self, parser):
        parser.add_argument("number", help="the bill's number, with or without leading zeros")
        parser.add_argument("--format", choices=FORMATS, default="json", help="default: json")

    def handle(self, *, number, format, **options):
        if not re.fullmatch("[0-9]{1,9}", number):
            raise CommandError(f"{number!r} is not a bill number; it is digits, such as 000123.")
        bill = Bill.objects.filter(number=int(number)).first()
        if bill is None:
            raise CommandError(f"There is no bill {int(number):06}.")
        self.stdout.write(FORMATS[format](bill), ending="")
