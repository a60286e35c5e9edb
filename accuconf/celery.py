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
    "issue bills": {"task": "billing.tasks.issue_bills", "schedule": 60.0},
    "collect": {"task": "billing.tasks.collect_due", "schedule": 60.0},
    "follow up": {"task": "billing.tasks.follow_up", "schedule": crontab(minute=20)},
    "send refunds": {"task": "billing.tasks.send_refunds", "schedule": 60.0},
    "work events": {"task": "billing.tasks.work_events", "schedule": 10.0},
    "reconcile": {
        "task": "billing.tasks.reconcile_charges",
        "schedule": crontab(hour=7, minute=40),
    },
    "detach replaced cards": {"task": "billing.tasks.detach_replaced_cards", "schedule": 300.0},
    # Left undone where the round is late: only the newest count is worth anything.
    "note live calls": {
        "task": "conferences.tasks.note_live_calls",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "take in calls": {"task": "conferences.tasks.take_in_calls", "schedule": 60.0},
    "assemble legs": {"task": "conferences.tasks.assemble_legs", "schedule": 60.0},
    "send letters": {"task": "accounts.tasks.send_letters", "schedule": 10.0},
    "send bills": {"task": "billing.tasks.send_bills", "schedule": 60.0},
    "release rested PINs": {
        "task": "conferences.tasks.release_rested_pins",
        "schedule": crontab(hour=3, minute=10),
    },
    "queue reminders": {"task": "conferences.tasks.queue_reminders", "schedule": 60.0},
    "close used conferences": {
        "task": "conferences.tasks.close_used_conferences",
        "schedule": 60.0,
    },
    "take in recordings": {"task": "conferences.tasks.take_in_recordings", "schedule": 30.0},
    "sweep recordings": {"task": "conferences.tasks.sweep_recordings", "schedule": 60.0},
    # As seldom as the messages it sends expire, so that a long queue is not sent twice.
    "make documents": {"task": "billing.tasks.make_documents", "schedule": 300.0},
    "take in posted records": {"task": "conferences.tasks.take_in_spool", "schedule": 10.0},
    "take in confirmed legs": {"task": "conferences.tasks.retry_confirmed", "schedule": 60.0},
}
