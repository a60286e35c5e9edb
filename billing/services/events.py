"""Working what Stripe told. The object is fetched anew: order, repeats, delays do not matter."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator

from django.db.models import F

from billing.gateway import Event, Gateway, GatewayRefused, GatewayUnavailable
from billing.models import Collection, StripeEvent
from billing.services import collect, disputes, refunds
from billing.services.ledger import ReferenceTaken

logger = logging.getLogger(__name__)

Worker = Callable[[str, Gateway, dt.datetime], None]
#: What works the events of each kind of object, by how their types begin.
WORKERS: dict[str, Worker] = {}


def works(*types: str) -> Callable[[Worker], Worker]:
    """Register the decorated function for events whose type begins with one of `types`.

    It gets the object's id, the gateway and the time; it may raise GatewayUnavailable and
    GatewayRefused, and is safe to run again.
    """

    def register(worker: Worker) -> Worker:
        WORKERS.update(dict.fromkeys(types, worker))
        return worker

    return register


def keep_event(event: Event, *, now: dt.datetime) -> None:
    """Keep that `event` came, once however often it comes; of kinds that nobody works, nothing."""
    if _worker_of(event.type) is None:
        return
    kept = StripeEvent(id=event.id, type=event.type, object_id=event.object_id, received_at=now)
    StripeEvent.objects.bulk_create([kept], ignore_conflicts=True)


def work_events(*, gateway: Gateway, now: dt.datetime) -> Iterator[StripeEvent]:
    """Work each waiting event once; what Stripe cannot answer now waits for the next time."""
    for event in StripeEvent.objects.waiting():
        if _work(event, gateway=gateway, now=now):
            yield event


def _work(event: StripeEvent, *, gateway: Gateway, now: dt.datetime) -> bool:
    # Counted and committed first: an event that kills the process comes last at the next sweep.
    StripeEvent.objects.filter(pk=event.pk).update(tries=F("tries") + 1)
    try:
        _worker_of(event.type)(event.object_id, gateway, now)
    except (GatewayUnavailable, GatewayRefused, ReferenceTaken) as error:
        logger.warning("%s: %s", event, error)
        StripeEvent.objects.filter(pk=event.pk).update(last_error=str(error))
        return False
    StripeEvent.objects.filter(pk=event.pk).update(worked_at=now, last_error="")
    return True


def _worker_of(type_: str) -> Worker | None:
    return next((worker for begin, worker in WORKERS.items() if type_.startswith(begin)), None)


@works("payment_intent.")
def take_note_of_intent(intent_id: str, gateway: Gateway, now: dt.datetime) -> None:
    """Write down how the PaymentIntent stands by which a bill is collected; others are not ours."""
    collection = Collection.objects.filter(intent_id=intent_id).first()
    if collection is not None:
        collect.apply_intent(collection, gateway.retrieve_intent(intent_id), now=now)


@works("refund.", "charge.refund.")
def take_note_of_refund(refund_id: str, gateway: Gateway, now: dt.datetime) -> None:
    refunds.note_refund(refund_id, gateway=gateway, now=now)


@works("charge.dispute.")
def take_note_of_dispute(dispute_id: str, gateway: Gateway, now: dt.datetime) -> None:
    disputes.note_dispute(dispute_id, gateway=gateway, now=now)
