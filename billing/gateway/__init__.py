"""The door to Stripe, and the only room that imports its library.

With sandbox keys the same code talks to the stand-in. Amounts are whole cents.
"""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from billing.gateway.cards import Cards, SavedCard, Setup
from billing.gateway.connection import GatewayRefused, GatewayUnavailable
from billing.gateway.events import Event, EventNotSigned, verified_event
from billing.gateway.intents import Intent, Intents
from billing.gateway.lists import Charge, Lists
from billing.gateway.refunds import ChargeDispute, Refund, Refunds

__all__ = [
    "Charge",
    "ChargeDispute",
    "Event",
    "EventNotSigned",
    "Gateway",
    "GatewayRefused",
    "GatewayUnavailable",
    "Intent",
    "Refund",
    "SavedCard",
    "Setup",
    "gateway",
    "verified_event",
]


class Gateway(Intents, Cards, Lists, Refunds):
    """One connection to Stripe. Every method raises GatewayUnavailable where Stripe is unclear."""


@lru_cache(maxsize=4)
def _connected(secret_key: str, base: str) -> Gateway:
    return Gateway(secret_key, base)


def gateway() -> Gateway:
    """Return this process's connection, as the settings say."""
    return _connected(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)
