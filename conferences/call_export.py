"""The call history as a table of legs, for files; nothing of it is kept in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from conferences.models import AccessType, Leg
from conferences.models.session import BillingCode

#: So many legs are held at once, however many there are.
CHUNK = 2000
#: What is read of a leg, in the order of `_row`.
READ = (
    "session_id", "session__started_at", "code", "caller_name", "caller_number", "pin__kind",
    "pin__holder_name", "is_moderator", "joined_at", "left_at", "seconds", "access_type",
    "dialled_number", "left_because",
)  # fmt: skip


def head_of(zone: dt.tzinfo) -> list[str]:
    """Name the columns; those of times say of which `zone` they are."""
    return [
        _("Call"), _("Call started (%s)") % zone, _("Billing code"), _("Caller"),
        _("Caller's number"), _("PIN name"), _("Role"), _("Joined (%s)") % zone,
        _("Left (%s)") % zone, _("Seconds"), _("Minutes"), _("Access"), _("Number dialled"),
        _("Why the call ended"),
    ]  # fmt: skip


def rows_of(
    legs: QuerySet[Leg], *, zone: dt.tzinfo, named_kinds: Collection[str]
) -> Iterator[list[Any]]:
    """Yield a row of texts, whole numbers and instants of `zone` for each of `legs`.

    Whom a PIN was given to is told only for the kinds of PIN in `named_kinds`.
    """
    access = {kind.value: str(kind.label) for kind in AccessType}
    reasons = {reason.value: str(reason.label) for reason in Leg.LeftBecause}
    roles = {True: _("Moderator"), False: _("Participant")}
    read = legs.annotate(code=BillingCode("session__")).values_list(*READ)
    for (
        call, started_at, code, caller, number, kind, holder, is_moderator, joined_at, left_at,
        seconds, access_type, dialled, reason,
    ) in read.iterator(chunk_size=CHUNK):  # fmt: skip
        yield [
            call, _clock(started_at, zone), code, caller, number,
            holder if kind in named_kinds else "", roles[is_moderator], _clock(joined_at, zone),
            _clock(left_at, zone), seconds, -(-seconds // 60), access[access_type], dialled,
            reasons[reason],
        ]  # fmt: skip


def _clock(instant: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return instant.astimezone(zone).replace(microsecond=0)
