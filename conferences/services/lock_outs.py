"""Wrong PINs: who keyed in too many, and may not try any more for a while."""

from __future__ import annotations

import datetime as dt
import logging
from contextlib import suppress

from accounts.actors import Actor
from accounts.services.audit import record
from conferences.entering import Call
from users.throttling import MINUTE, Limit, TooManyTries, count, used_up

logger = logging.getLogger(__name__)

#: Not fewer: the people of a whole office may show one number.
CALLER = Limit("wrong PINs of a caller", tries=10, seconds=15 * MINUTE)
#: Callers who withhold their number share one count per bridge.
WITHHELD = Limit("wrong PINs of withheld numbers", tries=50, seconds=15 * MINUTE)
#: By bridge and number dialled, whoever calls: a number that one shows can be made up.
DIALLED = Limit("wrong PINs at a dialled number", tries=100, seconds=15 * MINUTE)


def locks_on(call: Call, *, now: dt.datetime) -> set[Limit]:
    """Return which limits the caller, or the number they dialled, has used up; counts nothing.

    So many wrong tries as are answered at one moment may pass above a limit, no more.
    """
    return used_up(_subjects(call), now=now)


def count_wrong_pin(call: Call, *, now: dt.datetime) -> None:
    """Count a wrong PIN, and tell staff of the try that locks somebody out."""
    before = locks_on(call, now=now)
    for limit, subject in _subjects(call).items():
        with suppress(TooManyTries):
            count(limit, subject, now=now)
    for limit in locks_on(call, now=now) - before:
        _tell_staff(limit, call, now=now)


def _subjects(call: Call) -> dict[Limit, str]:
    """Return whose tries each limit counts."""
    bridge = call.bridge.pk
    dialled = {DIALLED: f"{bridge} {call.dialled_number}"}
    if not call.caller_number:
        return {WITHHELD: f"{bridge}", **dialled}
    return {CALLER: call.caller_number, **dialled}


def _tell_staff(limit: Limit, call: Call, *, now: dt.datetime) -> None:
    """Write to the operator's own log, never a PIN."""
    number = call.caller_number or "withheld"
    logger.warning(
        "%s: limit reached on %s, caller %s, dialled %s",
        limit.name, call.bridge, number, call.dialled_number,
    )  # fmt: skip
    record(
        "locked out",
        f"Callers of {call.dialled_number}" if limit == DIALLED else f"Caller {number}",
        by=Actor(label=str(call.bridge)),
        now=now,
        after={
            "because": limit.name,
            "wrong PINs": limit.tries,
            "within minutes": limit.seconds // MINUTE,
            "dialled number": call.dialled_number,
        },
    )
