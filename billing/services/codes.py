"""Mending the billing codes of calls, as long as no bill holds the call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.actors import Actor
from accounts.models import Account, AuditEntry
from accounts.services.audit import audit_entry
from billing.models import Bill, BillLine
from billing.rating import billed_since
from billing.services import ledger
from conferences.models import Session
from conferences.models.session import SessionQuerySet


class CodeIsBilled(Exception):
    """A bill that holds the call has been issued; the codes that it prints stay as they are."""

    def __init__(self, session: Session, bill: Bill):
        super().__init__(f"{session} is on bill {bill.label}")
        self.session = session
        self.bill = bill


@transaction.atomic
def mend_codes(account: Account, codes: Mapping[int, str], *, by: Actor, now: dt.datetime) -> None:
    """Give each session of `account`, by its key, its billing code; all of them, or none.

    An empty code takes the mended one away: the code keyed in, or the conference's, counts again.
    A code that stays as it was is no change. Bills are issued under the account's lock, so either
    the bill has the new code, or the change finds the bill.

    Raises CodeIsBilled.
    """
    ledger.lock(account.pk)
    sessions = Session.objects.filter(conference__account=account, pk__in=codes)
    changed = [
        session
        for session in sessions.select_related("conference__account")
        if session.billing_code != codes[session.pk]
    ]
    _refuse_billed(changed)
    AuditEntry.objects.bulk_create(
        _entry(session, codes[session.pk], by=by, now=now) for session in changed
    )
    for session in changed:
        session.billing_code = codes[session.pk]
    Session.objects.bulk_update(changed, ["billing_code"])


def bill_of(session: Session) -> Bill | None:
    """Return the first bill that holds `session`, None before there is one."""
    return Bill.objects.filter(lines__session=session).order_by("number").first()


def missing_codes(sessions: SessionQuerySet, *, account: Account) -> SessionQuerySet:
    """Narrow `sessions` of `account` to those without a billing code that no bill holds yet."""
    lines = BillLine.objects.filter(session=OuterRef("pk"))
    since = billed_since(account)
    return sessions.without_code().filter(~Exists(lines), ended_at__gte=since)


def _refuse_billed(sessions: Sequence[Session]) -> None:
    lines = BillLine.objects.filter(session__in=sessions).select_related("bill", "session")
    line = lines.order_by("bill__number", "position").first()
    if line is not None:
        raise CodeIsBilled(line.session, line.bill)


def _entry(session: Session, code: str, *, by: Actor, now: dt.datetime) -> AuditEntry:
    return audit_entry(
        "changed the billing code of",
        session,
        by=by,
        now=now,
        account=session.conference.account,
        before={"billing_code": session.billing_code},
        after={"billing_code": code},
    )
