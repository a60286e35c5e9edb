"""The roof: settings, URLs, the Celery app and the sandbox; known by none of the apps."""

from accuconf.celery import app as celery_app

__all__ = ["celery_app"]
