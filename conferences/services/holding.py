"""Changes to a conference wait for each other, and none is made to a closed one."""

from __future__ import annotations

from conferences.models import Conference


class ConferenceClosed(Exception):
    """The conference is over: nothing of it is changed any more."""


def hold_open(conference: Conference) -> Conference:
    """Lock an open conference until the transaction ends; return it, with its schedule, as it is.

    Raises ConferenceClosed.
    """
    rows = Conference.objects.select_related("schedule", "account")
    # NO KEY: rows that only point to the conference, such as calls that come in, need not wait.
    held = rows.select_for_update(of=("self",), no_key=True).get(pk=conference.pk)
    if held.closed_at is not None:
        raise ConferenceClosed(str(held))
    return held
