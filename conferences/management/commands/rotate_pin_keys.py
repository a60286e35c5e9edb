"""`manage.py rotate_pin_keys`: all PINs go over to the newest keys."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from conferences.models import Pin
from conferences.services.pin_keys import UnknownKey, renew_pins


class Command(BaseCommand):
    help = (
        "Seal and hash every PIN anew with the first of PIN_KEYS and of PIN_HASH_KEYS. Calls, new "
        "PINs and everything else go on meanwhile; stopped half-way, run it again."
    )

    def handle(self, **options):
        pins = renewed = 0
        try:
            with tqdm(total=Pin.objects.count(), unit=" PINs", disable=None) as bar:
                for looked in renew_pins():
                    pins += looked.pins
                    renewed += looked.renewed
                    bar.update(looked.pins)
        except UnknownKey as error:
            raise CommandError(
                f"PIN {error} was sealed with a key that is not among PIN_KEYS. Add that key "
                "behind the others, and run this again."
            ) from error
        self.stdout.write(f"{pins} PINs: {renewed} renewed, {pins - renewed} were so already.")
        if len(settings.PIN_KEYS) > 1 or len(settings.PIN_HASH_KEYS) > 1:
            self.stdout.write("All but the first of PIN_KEYS and of PIN_HASH_KEYS can be dropped.")
