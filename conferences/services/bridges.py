"""Giving bridges keys, and withdrawing them."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings

from accounts import sealing
from conferences.models import Bridge, BridgeKey
from conferences.models.bridge import digest_of_key

#: Random bytes in a key; as text it has 43 signs.
KEY_BYTES = 32


def make_key(bridge: Bridge, *, now: dt.datetime) -> str:
    """Give `bridge` one more key, and return it: to be shown once, and never again."""
    key = secrets.token_urlsafe(KEY_BYTES)
    BridgeKey.objects.create(
        bridge=bridge,
        digest=digest_of_key(key),
        sealed_key=sealing.sealed(key, keys=settings.BRIDGE_KEYS),
        created_at=now,
    )
    return key


def withdraw_older_keys(bridge: Bridge, *, now: dt.datetime) -> int:
    """Withdraw all keys of `bridge` but its newest; return how many."""
    newest = bridge.keys.filter(withdrawn_at=None).order_by("-created_at", "-pk").first()
    if newest is None:
        return 0
    return bridge.keys.filter(withdrawn_at=None).exclude(pk=newest.pk).update(withdrawn_at=now)
