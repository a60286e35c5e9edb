from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self):
        # Whatever process queues or sends a letter knows how each of its kinds is written.
        for room in ("letters", "correction_letters"):
            import_module(f"billing.{room}")
