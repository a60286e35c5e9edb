"""Refunds: money given back on a charge; and disputes, by which a bank takes it back itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from billing.gateway.connection import Connection, id_of
from billing.gateway.lists import PAGE


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as Stripe has it; `request` names ours that asked for it, or is empty."""

    id: str
    charge_id: str
    amount_cents: int
    status: str
    failure: str
    request: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ChargeDispute:
    """A dispute as Stripe has it; what was withdrawn and given back is in cents above zero."""

    id: str
    charge_id: str
    amount_cents: int
    currency: str
    status: str
    reason: str
    answer_by: dt.datetime | None
    opened_at: dt.datetime
    withdrawn_cents: int
    reinstated_cents: int


class Refunds(Connection):
    """What is asked of refunds and disputes."""

    def create_refund(self, charge_id: str, *, amount_cents: int, request: str) -> Refund:
        """Give back part of a charge; asked again for the same `request`, once within a day.

        Raises GatewayRefused.
        """
        parameters = {
            "charge": charge_id,
            "amount": amount_cents,
            "metadata": {"request": request},
        }
        key = {"idempotency_key": f"refund-{request}"}
        return self._ask(_refund, self._stripe.refunds.create, parameters, key)

    def retrieve_refund(self, refund_id: str) -> Refund:
        """Raises GatewayRefused where there is none of that id."""
        return self._ask(_refund, self._stripe.refunds.retrieve, refund_id)

    def refunds_of(self, charge_id: str) -> Iterator[Refund]:
        """Yield all refunds of one charge. Raises GatewayRefused."""
        yield from map(_refund, self._all(self._stripe.refunds.list, {"charge": charge_id}))

    def refunds_since(self, since: dt.datetime) -> Iterator[Refund]:
        """Yield all refunds made from `since` (aware) on. Raises GatewayRefused."""
        parameters = {"created": {"gte": int(since.timestamp())}}
        yield from map(_refund, self._all(self._stripe.refunds.list, parameters))

    def disputes_since(self, since: dt.datetime) -> Iterator[ChargeDispute]:
        """Yield all disputes opened from `since` (aware) on. Raises GatewayRefused."""
        parameters = {"created": {"gte": int(since.timestamp())}}
        yield from map(_dispute, self._all(self._stripe.disputes.list, parameters))

    def retrieve_dispute(self, dispute_id: str) -> ChargeDispute:
        """Raises GatewayRefused where there is none of that id."""
        return self._ask(_dispute, self._stripe.disputes.retrieve, dispute_id)

    def _all(self, list_page, parameters: dict[str, object]) -> Iterator[object]:
        parameters = parameters | {"limit": PAGE}
        while True:
            page = self._ask(_itself, list_page, dict(parameters))
            yield from page.data
            if not page.has_more:
                return
            parameters["starting_after"] = page.data[-1].id


def _itself(page):
    return page


def _refund(refund) -> Refund:
    metadata = refund.metadata or {}
    return Refund(
        id=refund.id,
        charge_id=id_of(refund.charge),
        amount_cents=refund.amount,
        status=refund.status,
        failure=getattr(refund, "failure_reason", None) or "",
        request=metadata["request"] if "request" in metadata else "",  # noqa: SIM401 (no dict)
        created_at=dt.datetime.fromtimestamp(refund.created, dt.UTC),
    )


def _dispute(dispute) -> ChargeDispute:
    moved = [transaction.amount for transaction in dispute.balance_transactions or []]
    answer_by = getattr(dispute.evidence_details, "due_by", None)
    return ChargeDispute(
        id=dispute.id,
        charge_id=id_of(dispute.charge),
        amount_cents=dispute.amount,
        currency=dispute.currency.upper(),
        status=dispute.status,
        reason=dispute.reason,
        answer_by=dt.datetime.fromtimestamp(answer_by, dt.UTC) if answer_by else None,
        opened_at=dt.datetime.fromtimestamp(dispute.created, dt.UTC),
        withdrawn_cents=-sum(cents for cents in moved if cents < 0),
        reinstated_cents=sum(cents for cents in moved if cents > 0),
    )
