"""Collecting again, and how a collection then stands."""

import datetime as dt

from billing.gateway import gateway
from billing.services.collect import collect

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)


def again(collection, *, now=NOW):
    return collect(collection, gateway=gateway(), now=now)


def states(collection):
    collection.refresh_from_db()
    return [collection.state, *collection.attempts.values_list("state", flat=True)]
