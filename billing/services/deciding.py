"""The second person: above a limit, money leaves only when another member of staff allows it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Sum

from accounts.actors import Actor
from billing.models import RefundRequest, WriteOff

#: What one person asked for within this time counts together: no limit is passed in slices.
COUNTS_FOR = dt.timedelta(days=30)


class SamePerson(Exception):
    """Whoever asked does not decide."""


class DecidedAlready(Exception):
    """Somebody has decided it meanwhile."""


def needs_second_person(wish: RefundRequest | WriteOff, *, now: dt.datetime) -> bool:
    """Tell whether `wish`, with what its account got lately without a second person, is too much.

    The caller holds the account's lock.
    """
    kind = type(wish)
    lately = kind.objects.filter(
        account=wish.account, decided_by=None, asked_at__gt=now - COUNTS_FOR, entry__isnull=False
    )
    so_far = lately.aggregate(total=Sum("amount_cents"))["total"] or 0
    return so_far + wish.amount_cents > settings.REFUND_LIMIT_CENTS


def decide(wish: RefundRequest | WriteOff, *, by: Actor, now: dt.datetime) -> None:
    """Note on a locked `wish` who decides it. Raises DecidedAlready, SamePerson."""
    if wish.state != wish.State.ASKED:
        raise DecidedAlready
    if by.user is None or by.user.pk == wish.asked_by_id:
        raise SamePerson
    wish.decided_by, wish.decided_at = by.user, now


def decline(wish: RefundRequest | WriteOff, *, by: Actor, now: dt.datetime) -> None:
    """Note on a locked `wish`, and keep, that it is not to be; whoever asked may take it back so.

    Raises DecidedAlready.
    """
    if wish.state != wish.State.ASKED:
        raise DecidedAlready
    wish.state = wish.State.DECLINED
    if by.user.pk != wish.asked_by_id:
        wish.decided_by, wish.decided_at = by.user, now
    wish.save(update_fields=["state", "decided_by", "decided_at"])
