"""What Stripe has in its own books, to be laid beside ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from billing.gateway.connection import Connection, GatewayRefused

#: As many as Stripe gives at once.
PAGE = 100


@dataclass(frozen=True, slots=True)
class Charge:
    """One taking of money as Stripe has it; `refunded_cents` is what of it went back."""

    id: str
    amount_cents: int
    refunded_cents: int
    is_disputed: bool
    created_at: dt.datetime


class Lists(Connection):
    """What is asked of charges, and of whole lists of them; pages are fetched as they are read."""

    def succeeded_charges(self, *, since: dt.datetime) -> Iterator[Charge]:
        """Yield the charges made from `since` (aware) on that took money, the newest first.

        Raises GatewayRefused.
        """
        parameters = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
        while True:
            page = self._ask(_itself, self._stripe.charges.list, dict(parameters))
            yield from (_charge(one) for one in page.data if one.status == "succeeded")
            if not page.has_more:
                return
            parameters["starting_after"] = page.data[-1].id

    def succeeded_charge(self, charge_id: str) -> Charge | None:
        """Return the charge of that id; None where there is none, or it took no money.

        Raises GatewayRefused.
        """
        try:
            charge = self._ask(_itself, self._stripe.charges.retrieve, charge_id)
        except GatewayRefused as error:
            if error.code != "resource_missing":
                raise
            return None
        return _charge(charge) if charge.status == "succeeded" else None


def _itself(answer):
    return answer


def _charge(charge) -> Charge:
    return Charge(
        id=charge.id,
        amount_cents=charge.amount,
        refunded_cents=charge.amount_refunded,
        is_disputed=charge.disputed,
        created_at=dt.datetime.fromtimestamp(charge.created, dt.UTC),
    )
