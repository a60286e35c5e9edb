"""The Celery app and its timetable. Every entry only hurries work that is kept as rows."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accuconf.settings")

app = Celery("accuconf")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # Hourly, not only on the 1st: a missed run is caught up, and a second one does nothing.
    "bill the closed months": {
        "task": "billing.tasks.bill_closed_months",
        "schedule": crontab(minute=5),
    },
    "finish what is unfinished": {"task": "billing.tasks.sweep", "schedule": 60.0},
}
