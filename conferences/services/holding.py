"""Changes to a conference wait for each other, and none is made to a closed one."""

from __future__ import annotations

from conferences.models import Conference


class ConferenceClosed(Exception):
    """The conference is over: nothing of it is changed any more."""


def hold_open(conference: Conference) -> Conference:
    """Lock an open conference until the transaction ends, and return it as it now stands.

    Raises ConferenceClosed.
    """
    # Its schedule is fetched later: joined, it would be the one from before the wait for the lock.
    rows = Conference.objects.select_related("account")
    # NO KEY: rows that only point to the conference, such as calls that come in, need not wait.
    held = rows.select_for_update(of=("self",), no_key=True).get(pk=conference.pk)
    if held.closed_at is not None:
        raise ConferenceClosed(str(held))
    return held
