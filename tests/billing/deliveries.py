"""A bill with its e-bills queued, and the sending of what is due."""

import datetime as dt

from billing.models import Bill, BillDocument
from billing.services.delivery import queue_deliveries, send_due_deliveries
from billing.services.documents import make_document
from tests import make

NOW = dt.datetime(2026, 4, 1, 10, 5, tzinfo=dt.UTC)
WAITING, SENT, REFUSED = "waiting", "sent", "refused"


def queued_bill(account, *, made=True, **fields):
    line = (make.conference(account=account), 3, 100, "0.049")
    bill = make.frozen_bill(account=account, lines=[line], **fields)
    document = BillDocument.objects.create(bill=bill)
    queue_deliveries(bill, now=NOW)
    if made:
        make_document(document, now=NOW)
    return Bill.objects.get(pk=bill.pk)


def send(at=NOW):
    return list(send_due_deliveries(now=at))


def states(bill):
    return dict(bill.deliveries.values_list("email", "state"))
