"""The e-bill: one letter per recipient, kept as a row until it is sent or refused for good.

At least once: when the process dies after the mail server took the letter and before the row
says so, the letter goes out again, under the same Message-ID, by which mail programs know it.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import uuid
from collections.abc import Iterator
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet

from billing.letters import bill_letter
from billing.models import Bill, BillDelivery
from billing.services.documents import DocumentDamaged, read_document
from users.models import User

logger = logging.getLogger(__name__)

#: A letter being sent belongs to its sender for so long; if that one dies, another may take it.
LEASE = dt.timedelta(minutes=10)
#: How long a letter waits after each failed try; after the last, three days on, it is given up.
PAUSES = [
    *(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30)),
    *(dt.timedelta(hours=hours) for hours in (2, 6, 12, 24, 24)),
]


def queue_deliveries(bill: Bill, *, now: dt.datetime) -> None:
    """Note who is to get the e-bill, within the transaction that issues the bill."""
    host = urlsplit(settings.PORTAL_URL).hostname
    BillDelivery.objects.bulk_create(
        BillDelivery(
            bill=bill,
            user=user,
            email=user.email,
            message_id=f"<{uuid.uuid5(bill.uuid, user.email)}@{host}>",
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
    """Send the e-bills that are due, over one connection; yield each as it then stands.

    Safe beside another sweep: each letter is claimed first. Where the mail server cannot be
    reached at all, the first letter says so and the others stay as they are.
    """
    began = monotonic()
    connection = mail.get_connection()
    try:
        for pk in list(BillDelivery.objects.due(now).values_list("pk", flat=True)):
            # A long sweep goes by the time it has taken, or its last leases would end before now.
            at = now + dt.timedelta(seconds=monotonic() - began)
            delivery = _claimed(pk, now=at)
            if delivery is None:
                continue
            if not _is_reached(connection, delivery, now=at):
                yield delivery
                return
            yield send_delivery(delivery, connection=connection, now=at)
    finally:
        connection.close()


def send_delivery(
    delivery: BillDelivery, *, connection: BaseEmailBackend, now: dt.datetime
) -> BillDelivery:
    """Send a claimed e-bill and note how it went: sent, refused for good, or to be tried again."""
    if not recipients_of(delivery.bill).filter(pk=delivery.user_id).exists():
        # Looked up again: the bill may have waited while its reader opted out or lost the right.
        return _refuse(delivery, "This person no longer receives bills.")
    try:
        content = read_document(delivery.bill.document)
        connection.send_messages([bill_letter(delivery, content)])
    except (smtplib.SMTPException, OSError, DocumentDamaged) as error:
        connection.close()  # whatever state it is in: the next letter opens a fresh one
        is_final, reason = _verdict(error)
        return _refuse(delivery, reason) if is_final else _postpone(delivery, reason, now=now)
    return _settle(delivery, state=BillDelivery.State.SENT, sent_at=now, last_error="")


def _claimed(pk: int, *, now: dt.datetime) -> BillDelivery | None:
    """Take a due e-bill for LEASE and count the try; None where another sweep was quicker."""
    taken = BillDelivery.objects.filter(
        pk=pk, state=BillDelivery.State.WAITING, next_try_at__lte=now
    ).update(tries=F("tries") + 1, next_try_at=now + LEASE)
    if not taken:
        return None
    return BillDelivery.objects.select_related("bill__document", "user").get(pk=pk)


def _is_reached(connection: BaseEmailBackend, delivery: BillDelivery, *, now: dt.datetime) -> bool:
    """Connect to the mail server where there is no connection yet; note on the e-bill if not."""
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        _postpone(delivery, f"The mail server cannot be reached: {error}", now=now)
        return False
    return True


def _verdict(error: Exception) -> tuple[bool, str]:
    """Say whether trying again is of no use, and why, in the mail server's own words.

    Final is a 5xx about the recipient or the letter; about us (sender, sign-in) it can be mended.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, words)] = error.recipients.values()
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    else:
        return False, str(error)
    is_about_the_letter = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    answer = words.decode(errors="replace") if isinstance(words, bytes) else words
    return is_about_the_letter and code >= 500, f"{code} {answer}"


def _postpone(delivery: BillDelivery, reason: str, *, now: dt.datetime) -> BillDelivery:
    if delivery.tries > len(PAUSES):
        return _refuse(delivery, f"Given up after {delivery.tries} tries: {reason}")
    logger.warning("%s: %s", delivery, reason)
    return _settle(delivery, next_try_at=now + PAUSES[delivery.tries - 1], last_error=reason)


def _refuse(delivery: BillDelivery, reason: str) -> BillDelivery:
    logger.warning("%s refused: %s", delivery, reason)
    return _settle(delivery, state=BillDelivery.State.REFUSED, last_error=reason)


def _settle(delivery: BillDelivery, **outcome) -> BillDelivery:
    """Write the outcome, unless another sender has meanwhile settled the e-bill."""
    BillDelivery.objects.filter(pk=delivery.pk, state=BillDelivery.State.WAITING).update(**outcome)
    delivery.refresh_from_db()
    return delivery
