"""The sweep of what belongs to conferences: finishes whatever is due. Celery only hurries it."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from conferences.records import intake, spool
from conferences.services.call_files import assemble_legs
from conferences.services.invitations import queue_reminders
from conferences.services.one_time import close_used_conferences
from conferences.services.pins import release_rested_pins
from conferences.services.retention import sweep_recordings


def sweep_conferences(*, now: dt.datetime) -> Counter[str]:
    """Do all that is due, each piece once; return how many pieces of which kind were done.

    Safe at any time, beside another sweep, and after any crash.
    """
    done = Counter(
        {
            "posted records": spool.take_in_spool(now=now).records,
            "legs confirmed": intake.retry_confirmed(now=now).accepted,
            "legs assembled": assemble_legs(now=now).accepted,
            "reminders": queue_reminders(now=now),
            "conferences closed": sum(1 for _ in close_used_conferences(now=now)),
            "PINs released": release_rested_pins(now=now),
        }
    )
    return done + sweep_recordings(now=now)
