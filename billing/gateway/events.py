"""What Stripe tells by itself: signed events, of which we keep only what they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import stripe


class EventNotSigned(Exception):
    """The message does not bear Stripe's signature by any of our secrets, or it is too old."""


@dataclass(frozen=True, slots=True)
class Event:
    """That something happened to the object of this id; what it is now, one asks."""

    id: str
    type: str
    object_id: str


def verified_event(body: bytes, signature: str, *, secrets: Sequence[str]) -> Event:
    """Read the event in the raw `body`, whose `signature` is Stripe's by one of `secrets`.

    There are two while one replaces the other. Raises EventNotSigned.
    https://docs.stripe.com/webhooks#verify-manually
    """
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), signature, secret, stripe.Webhook.DEFAULT_TOLERANCE
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return _event(body)
    raise EventNotSigned


def _event(body: bytes) -> Event:
    try:
        told = json.loads(body)
        return Event(told["id"], told["type"], str(told["data"]["object"].get("id", "")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EventNotSigned("The message is signed but is no event.") from error
