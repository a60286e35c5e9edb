"""The connection to Stripe that every part of the door asks through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import stripe

stripe.enable_telemetry = False

Answer = TypeVar("Answer")

#: Seconds to connect and to answer; times the tries below it stays under a task's time limit.
TIMEOUT = (5, 30)
NETWORK_RETRIES = 2


class GatewayUnavailable(Exception):
    """Stripe gave no clear answer: what was asked may or may not have happened."""


class GatewayRefused(Exception):
    """Stripe would not do it, and nothing happened; `code` says why, `param` because of what."""

    def __init__(self, error: stripe.StripeError) -> None:
        super().__init__(str(error))
        self.code = error.code or type(error).__name__
        self.param = getattr(error, "param", None) or ""


class Connection:
    """One connection to Stripe. Every method raises GatewayUnavailable where Stripe is unclear."""

    def __init__(self, secret_key: str, base: str) -> None:
        self._http = stripe.RequestsClient(timeout=TIMEOUT)
        self._stripe = stripe.StripeClient(
            secret_key,
            base_addresses={"api": base},
            max_network_retries=NETWORK_RETRIES,
            http_client=self._http,
        ).v1

    def close(self) -> None:
        self._http.close()

    def _ask(self, read: Callable[..., Answer], method, *arguments) -> Answer:
        """Ask what has no answers beside yes and no. Raises GatewayRefused."""
        try:
            return read(self._answer(method, *arguments))
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            raise GatewayRefused(error) from error

    def _answer(self, method, *arguments):
        try:
            return method(*arguments)
        except (stripe.CardError, stripe.InvalidRequestError):
            raise
        except stripe.StripeError as error:
            raise GatewayUnavailable(f"{type(error).__name__}: {error}") from error


def id_of(reference: object) -> str:
    """Return the id of what Stripe names by its id or, expanded, whole; empty for nothing."""
    return getattr(reference, "id", reference) or ""
