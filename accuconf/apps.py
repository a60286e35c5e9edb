"""The roof as Django's app registry knows it."""

from django.apps import AppConfig
from django.conf import settings

from accuconf import checks


class AccuConf(AppConfig):
    name = "accuconf"
    verbose_name = "AccuConf"

    def ready(self):
        checks.refuse_wrong_settings(settings)
