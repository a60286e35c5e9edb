"""`manage.py sweep`: finish what is unfinished."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from billing.gateway import gateway
from billing.services.sweep import sweep


class Command(BaseCommand):
    help = "Finish what is due: bills, PDFs, letters, e-bills, collections, and ends of recordings."

    def handle(self, **options):
        done = sweep(gateway=gateway(), now=timezone.now())
        for kind, count in done.items():
            self.stdout.write(f"{kind}: {count}")
