"""Laying Stripe's books beside ours: what differs is shown to staff, never mended in silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from billing.gateway import Gateway
from billing.models import Attempt, Book, Difference, JournalEntry, Posting
from billing.services import disputes, refunds

#: How far back each night looks, so that a night without Stripe is made up for.
LOOKS_BACK = dt.timedelta(days=3)
#: How long a dispute may take to be decided.
DISPUTES_TAKE = dt.timedelta(days=120)
#: How long the debit of a bank account may take; its charge is as old as its beginning.
DEBITS_TAKE = dt.timedelta(days=14)
#: Money that moved so lately may still be on its way into one of the books.
SETTLES_IN = dt.timedelta(hours=1)
_BOOKED = Posting.objects.filter(book=Book.CARD_CLEARING, entry__kind=JournalEntry.Kind.PAYMENT)


def reconcile(*, gateway: Gateway, now: dt.datetime) -> list[Difference]:
    """Compare the last days' charges and refunds with what is booked; return the differences found.

    Each is kept once, until staff settle it. Disputes and refunds of ours whose events were lost
    are worked now. Raises GatewayUnavailable; no difference is kept then.
    """
    since, until = now - LOOKS_BACK, now - SETTLES_IN
    theirs = {
        charge.id: charge.amount_cents
        # Booked later than charged, never before: theirs begin earlier than what is looked for.
        for charge in gateway.succeeded_charges(since=since - DEBITS_TAKE)
        if charge.created_at < until
    }
    ours = _booked_lately(since=since, until=until)
    theirs |= _taken_long_before(ours.keys() - theirs.keys(), gateway)
    found = list(_differences(theirs, ours, now=now))
    found += list(_refunds_nobody_asked_for(gateway, since=since, now=now))
    _catch_up_with_disputes(gateway, since=now - DISPUTES_TAKE, now=now)
    Difference.objects.bulk_create(found, ignore_conflicts=True)
    return found


def _booked_lately(*, since: dt.datetime, until: dt.datetime) -> dict[str, int]:
    lately = _BOOKED.filter(entry__booked_at__gte=since, entry__booked_at__lt=until)
    return dict(lately.values_list("entry__reference", "amount_cents"))


def _taken_long_before(references: Iterable[str], gateway: Gateway) -> dict[str, int]:
    """Return what charges took that were booked days later, their answers having been lost."""
    asked = (gateway.succeeded_charge(reference) for reference in references)
    return {charge.id: charge.amount_cents for charge in asked if charge is not None}


def _differences(
    theirs: dict[str, int], ours: dict[str, int], *, now: dt.datetime
) -> Iterator[Difference]:
    """Yield where `theirs`, and `ours` of late, disagree; what is theirs may be booked long ago."""
    booked = _BOOKED.filter(entry__reference__in=theirs)
    known = dict(booked.values_list("entry__reference", "amount_cents"))
    # What has just succeeded after days is booked when the sweep next asks about it.
    processing = Attempt.objects.filter(charge_id__in=theirs, state=Attempt.State.PROCESSING)
    under_way = set(processing.values_list("charge_id", flat=True))
    for charge, cents in theirs.items():
        if charge in under_way:
            continue
        if charge not in known:
            yield _difference(Difference.Kind.NOT_BOOKED, charge, cents, None, now)
        elif known[charge] != cents:
            yield _difference(Difference.Kind.OTHER_AMOUNT, charge, cents, known[charge], now)
    for reference, cents in ours.items():
        if reference not in theirs:
            yield _difference(Difference.Kind.NOT_TAKEN, reference, None, cents, now)


def _refunds_nobody_asked_for(
    gateway: Gateway, *, since: dt.datetime, now: dt.datetime
) -> Iterator[Difference]:
    """Yield the refunds of charges of ours that were made at Stripe itself."""
    for refund in gateway.refunds_since(since):
        charge = JournalEntry.objects.payments().filter(reference=refund.charge_id)
        request = refunds.request_of(refund)
        if request is not None:
            refunds.apply_refund(request, refund, now=now)
        elif charge.exists() and refund.status not in {"failed", "canceled"}:
            yield _difference(Difference.Kind.NOT_ASKED, refund.id, refund.amount_cents, None, now)


def _catch_up_with_disputes(gateway: Gateway, *, since: dt.datetime, now: dt.datetime) -> None:
    for told in gateway.disputes_since(since):
        disputes.take_note(told, now=now)


def _difference(
    kind: str, reference: str, theirs: int | None, ours: int | None, now: dt.datetime
) -> Difference:
    return Difference(
        kind=kind, reference=reference, theirs_cents=theirs, ours_cents=ours, found_at=now
    )
