"""Sending: every letter is a row until the mail server has taken it or refused it for good.

At least once: when the process dies after the mail server took the letter and before the row
says so, the letter goes out again, under the same Message-ID, by which mail programs know it.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from collections.abc import Callable, Iterator
from time import monotonic

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db.models import F

from accounts.letters import NoLongerWanted, NotReady
from accounts.models import Outgoing, OutgoingQuerySet

logger = logging.getLogger(__name__)

#: A letter being sent belongs to its sender for so long; if that one dies, another may take it.
LEASE = dt.timedelta(minutes=10)
#: How long a letter waits after each failed try; after the last, three days on, it is given up.
PAUSES = [
    *(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30)),
    *(dt.timedelta(hours=hours) for hours in (2, 6, 12, 24, 24)),
]


def send_due(
    letters: OutgoingQuerySet, *, write: Callable[[Outgoing], EmailMessage], now: dt.datetime
) -> Iterator[Outgoing]:
    """Send those of `letters` that are due, over one connection; yield each as it then stands.

    `write` writes one; it may raise NoLongerWanted or NotReady. Safe beside another sweep: each
    letter is claimed first. Where the mail server cannot be reached at all, the first letter says
    so and the others stay as they are.
    """
    began = monotonic()
    connection = mail.get_connection()
    try:
        for pk in list(letters.due(now).values_list("pk", flat=True)):
            # A long sweep goes by the time it has taken, or its last leases would end before now.
            at = now + dt.timedelta(seconds=monotonic() - began)
            letter = _claimed(letters, pk, now=at)
            if letter is None:
                continue
            if not _is_reached(connection, letter, now=at):
                yield letter
                return
            yield _sent(letter, write=write, connection=connection, now=at)
    finally:
        connection.close()


def _sent(
    letter: Outgoing,
    *,
    write: Callable[[Outgoing], EmailMessage],
    connection: BaseEmailBackend,
    now: dt.datetime,
) -> Outgoing:
    """Send a claimed letter and note how it went: sent, refused for good, or to be tried again."""
    try:
        connection.send_messages([write(letter)])
    except NoLongerWanted as reason:
        return _refuse(letter, str(reason))
    except (smtplib.SMTPException, OSError, NotReady) as error:
        connection.close()  # whatever state it is in: the next letter opens a fresh one
        is_final, reason = _verdict(error)
        return _refuse(letter, reason) if is_final else _postpone(letter, reason, now=now)
    except Exception as error:  # a fault of ours: it must not keep the other letters from going out
        logger.exception("%s cannot be written", letter)
        return _postpone(letter, f"It cannot be written: {error!r}"[:500], now=now)
    return _settle(letter, state=Outgoing.State.SENT, sent_at=now, last_error="")


def _claimed(letters: OutgoingQuerySet, pk: int, *, now: dt.datetime) -> Outgoing | None:
    """Take a due letter for LEASE and count the try; None where another sweep was quicker."""
    due = letters.model.objects.filter(pk=pk, state=Outgoing.State.WAITING, next_try_at__lte=now)
    taken = due.update(tries=F("tries") + 1, next_try_at=now + LEASE)
    return letters.get(pk=pk) if taken else None


def _is_reached(connection: BaseEmailBackend, letter: Outgoing, *, now: dt.datetime) -> bool:
    """Connect to the mail server where there is no connection yet; note on the letter if not."""
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        _postpone(letter, f"The mail server cannot be reached: {error}", now=now)
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


def _postpone(letter: Outgoing, reason: str, *, now: dt.datetime) -> Outgoing:
    if letter.tries > len(PAUSES):
        return _refuse(letter, f"Given up after {letter.tries} tries: {reason}")
    logger.warning("%s: %s", letter, reason)
    return _settle(letter, next_try_at=now + PAUSES[letter.tries - 1], last_error=reason)


def _refuse(letter: Outgoing, reason: str) -> Outgoing:
    logger.warning("%s refused: %s", letter, reason)
    return _settle(letter, state=Outgoing.State.REFUSED, last_error=reason)


def _settle(letter: Outgoing, **outcome) -> Outgoing:
    """Write the outcome, unless another sender has meanwhile settled the letter."""
    rows = type(letter).objects.filter(pk=letter.pk, state=Outgoing.State.WAITING)
    rows.update(**outcome)
    letter.refresh_from_db()
    return letter
