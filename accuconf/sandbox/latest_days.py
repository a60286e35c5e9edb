"""What the first company's people did of late, so that no page of the sandbox is empty.

Dates and invitations go through the services that the pages use; so letters lie in the inbox.
"""

import datetime as dt

from accounts.actors import Actor
from accounts.models import Account
from accuconf.sandbox.world.companies import AURORA
from accuconf.sandbox.world.lines import UPCOMING
from billing.services.codes import mend_codes, missing_codes
from conferences.models import Conference, Invitation, Schedule, Session
from conferences.models.session import SessionQuerySet
from conferences.services.dates import seen_of, set_date
from conferences.services.invitations import Guest, cancel_invitation, invite
from users.models import User

MONDAY, THURSDAY = 0, 3
#: By conference: how its date repeats, from which day of the week, when, and for how many minutes.
DATES = {
    "Firmware stand-up": (Schedule.Repeats.WEEKLY, MONDAY, dt.time(9, 30), 30),
    "Supplier review": (Schedule.Repeats.MONTHLY, THURSDAY, dt.time(14), 60),
}
GUESTS = [
    Guest("m.dvorakova@brno-motion.example", "Markéta Dvořáková"),
    Guest("tanaka@nagoya-gears.example", "Yuki Tanaka"),
    Guest("press@boston-robotics-weekly.example", ""),
    Guest("paulo.reyes@harborpine.example", "Paulo Reyes"),
]
#: How many calls get their billing code afterwards; further ones are left to the visitor.
MENDED = 3
CODE = "CC-2200"


def live_latest_days(*, now: dt.datetime) -> None:
    """Give conferences dates, invite guests, and mend some calls' codes; once, however often."""
    account = Account.objects.get(number=AURORA.number)
    if Invitation.objects.filter(conference__account=account).exists():
        return
    by = Actor(user=User.objects.get(email=f"admin@{AURORA.domain}"))
    for name, date in DATES.items():
        _set(account.conferences.get(name=name), *date, by=by, now=now)
    missing = missing_codes(Session.objects.all(), account=account).order_by("-started_at")
    mend_codes(account, dict.fromkeys(_keys(missing), CODE), by=by, now=now)
    review = account.conferences.get(name=UPCOMING)
    *_, last = invite(review, GUESTS, by=by, now=now)
    cancel_invitation(last, by=by, now=now)


def _set(
    conference: Conference,
    repeats: str,
    weekday: int,
    time: dt.time,
    minutes: int,
    *,
    by: Actor,
    now: dt.datetime,
) -> None:
    """Give the conference a date from next week's `weekday` on."""
    date = {
        "starts_on": now.date() + dt.timedelta(days=7 - now.weekday() + weekday),
        "starts_at_time": time,
        "time_zone": AURORA.zone,
        "minutes": minutes,
        "repeats": repeats,
        "ends_on": None,
        "expected_participants": 12,
    }
    seen = seen_of(getattr(conference, "schedule", None))
    set_date(conference, date=date, seen=seen, by=by, now=now)


def _keys(sessions: SessionQuerySet) -> list[int]:
    return list(sessions.values_list("pk", flat=True)[:MENDED])
