"""The sweep: finishes whatever is unfinished. Celery only hurries it."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterator

from accounts.services.letters import send_due_letters
from billing.gateway import Gateway, GatewayUnavailable
from billing.models import BillDocument, Collection, CreditNoteDocument
from billing.models.document import Document
from billing.services import (
    cards,
    collect,
    delivery,
    documents,
    dunning,
    events,
    refunds,
    reminders,
    runs,
)
from billing.services.carrying_over import resume
from billing.services.ledger import ReferenceTaken
from conferences.services.sweep import sweep_conferences

logger = logging.getLogger(__name__)


def sweep(*, gateway: Gateway, now: dt.datetime) -> Counter[str]:
    """Do all work that is due, each piece once; return how many pieces of which kind were done.

    Safe at any time, beside another sweep, and after any crash.
    """
    done: Counter[str] = Counter()
    done["bills"] = sum(
        job.bill_id is not None for job in runs.issue_waiting(gateway=gateway, now=now)
    )
    done["documents"] = sum(1 for _ in make_documents(now=now))
    done["letters"] = sum(1 for _ in send_due_letters(now=now))
    done["e-bills"] = sum(1 for _ in delivery.send_due_deliveries(now=now))
    done["events"] = sum(1 for _ in events.work_events(gateway=gateway, now=now))
    done["refunds"] = sum(1 for _ in refunds.send_due_refunds(gateway=gateway, now=now))
    done["collections"] = sum(1 for _ in collect_due(gateway=gateway, now=now))
    done["given to staff"] = len(dunning.flag_unpaid(now=now)) + dunning.flag_unanswered(now=now)
    dunning.warn_of_expiring_cards(now=now)
    done["reminders"] = reminders.remind(now=now)
    done["cards"] = sum(1 for _ in cards.detach_replaced(gateway=gateway, now=now))
    done.update(sweep_conferences(now=now))
    return done


def make_documents(*, now: dt.datetime) -> Iterator[Document]:
    """Make every PDF that waits to be made."""
    for kind in (BillDocument, CreditNoteDocument):
        for document in kind.objects.waiting().iterator():
            yield documents.make_document(document, now=now)


def collect_due(*, gateway: Gateway, now: dt.datetime) -> Iterator[Collection]:
    """Work on each due collection once; one whose outcome is unknown is left for the next sweep."""
    for collection in list(Collection.objects.due(now).select_related("bill__account")):
        # Touched and committed first: one that kills the process comes last at the next sweep.
        Collection.objects.filter(pk=collection.pk).update(updated_at=now)
        try:
            if collection.state == Collection.State.WAITING:
                collection = resume(collection, gateway=gateway, now=now)
            yield collect.collect(collection, gateway=gateway, now=now)
        except (GatewayUnavailable, ReferenceTaken) as error:
            logger.warning("collection of bill %s: %s", collection.bill, error)
