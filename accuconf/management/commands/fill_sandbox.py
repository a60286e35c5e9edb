"""`manage.py fill_sandbox`: the sample world of the demo."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accuconf.sandbox import seed


class Command(BaseCommand):
    help = "Fill an empty sandbox with sample customers, a year of their calls, and their bills."

    def handle(self, **options):
        if not settings.SANDBOX:
            raise CommandError("The sample world's passwords are known to all; not in production.")
        seed.fill(settings.DATA_DIR / "world", say=self.stdout.write)
        if settings.SANDBOX_BRIDGE_PORT:
            seed.connect_bridge(settings.SANDBOX_BRIDGE_PORT)
