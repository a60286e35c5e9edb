"""What the schedule's card on a conference's page shows, and which buttons it has."""

import datetime as dt

from conferences.models import Conference
from conferences.schedules import next_starts
from users.models import User

#: Meetings to come that the card names.
NAMED = 3


def schedule_card(user: User, conference: Conference, *, now: dt.datetime) -> dict:
    """Tell the date of `conference` and its next meetings, and what `user` may do about it."""
    schedule = getattr(conference, "schedule", None)
    is_open = conference.closed_at is None
    is_one_time = conference.kind == Conference.Kind.ONE_TIME
    may_set = is_open and user.has_perm("conferences.change_schedule", conference)
    may_change = is_open and user.has_perm("conferences.change_conference", conference)
    return {
        "schedule": schedule,
        "next_starts": next_starts(schedule, now=now, count=NAMED) if schedule and is_open else [],
        "is_open": is_open,
        "may_set": may_set,
        "may_clear": may_set and schedule is not None and not is_one_time,
        "may_cancel": may_change and is_one_time,
    }
