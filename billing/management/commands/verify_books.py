"""`manage.py verify_books`: check every invariant of the bills and the books."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from billing.verification import books


class Command(BaseCommand):
    help = (
        "Check the bills, the ledger, the charges and the PDFs with code that shares nothing with "
        "billing. Names every broken invariant with its first rows, and then exits with 1."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print the findings as JSON"
        )

    def handle(self, *, as_json, **options):
        with tqdm(desc="verify", total=books.steps(), disable=None) as bar:
            findings = books.verify(now=timezone.now(), told=bar.update)
        broken = [finding.check.name for finding in findings if finding.check.serious]
        if as_json:
            self.print_json(findings)
        else:
            self.print_findings(findings)
        if broken:
            raise CommandError(f"The books are broken: {', '.join(broken)}")
        self.stderr.write(self.style.SUCCESS("All invariants hold."))

    def print_json(self, findings):
        """Print {counted: {...}, findings: [{name, says, serious, count, rows}]}."""
        found = [
            {
                "name": finding.check.name,
                "says": finding.check.says,
                "serious": finding.check.serious,
                "count": finding.count,
                "rows": finding.rows,
            }
            for finding in findings
        ]
        report = {"counted": books.counted(), "findings": found}
        self.stdout.write(json.dumps(report, default=str, indent=2))

    def print_findings(self, findings):
        for finding in findings:
            style = self.style.ERROR if finding.check.serious else self.style.WARNING
            label = "BROKEN" if finding.check.serious else "note"
            self.stdout.write(style(f"{label} {finding.check.name} ({finding.count} rows)"))
            self.stdout.write(f"  should be: {finding.check.says}")
            for row in finding.rows:
                told = ", ".join(f"{name} {value}" for name, value in row.items())
                self.stdout.write(f"  {told}")
        counts = [f"{count} {noun.replace('_', ' ')}" for noun, count in books.counted().items()]
        self.stdout.write(f"Looked at {', '.join(counts)}.")
