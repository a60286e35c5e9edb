"""The e-bill: one letter per recipient, kept as a row until it is sent or refused for good."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet

from accounts.letters import NoLongerWanted, NotReady
from accounts.services.letters import message_id
from accounts.services.post import send_due
from billing.letters import bill_letter
from billing.models import Bill, BillDelivery
from billing.services.documents import DocumentDamaged, read_document
from users.models import User


def queue_deliveries(bill: Bill, *, now: dt.datetime) -> None:
    """Note who is to get the e-bill, within the transaction that issues the bill."""
    BillDelivery.objects.bulk_create(
        BillDelivery(
            bill=bill,
            user=user,
            email=user.email,
            message_id=message_id(uuid.uuid5(bill.uuid, user.email)),
            next_try_at=now,
        )
        for user in recipients_of(bill)
    )


def recipients_of(bill: Bill) -> QuerySet[User]:
    """Return who gets the e-bill: all who are entitled and did not opt out.

    Where the last one that wanted it has gone, everybody entitled gets it: no bill goes unseen.
    """
    entitled = User.objects.entitled_to_bills().filter(account=bill.account_id)
    wanting = entitled.filter(receives_bills=True)
    return wanting if wanting.exists() else entitled


def send_due_deliveries(*, now: dt.datetime) -> Iterator[BillDelivery]:
    """Send the e-bills that are due; yield each as it then stands."""
    deliveries = BillDelivery.objects.select_related("bill__document", "user")
    return send_due(deliveries, write=write, now=now)


def write(delivery: BillDelivery) -> EmailMultiAlternatives:
    """Write the e-bill with its PDF. Raises NoLongerWanted, NotReady."""
    if not recipients_of(delivery.bill).filter(pk=delivery.user_id).exists():
        # Looked up again: the bill may have waited while its reader opted out or lost the right.
        raise NoLongerWanted("This person no longer receives bills.")
    try:
        content = read_document(delivery.bill.document)
    except DocumentDamaged as error:
        raise NotReady(str(error)) from error
    return bill_letter(delivery, content)
