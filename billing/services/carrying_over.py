"""What becomes of an account's older collections when its next bill comes."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.models import Account
from billing.gateway import Gateway, GatewayUnavailable
from billing.models import Attempt, Collection
from billing.services.collect import apply_intent, for_what_is_owed, locked, now_in


def carry_over(account: Account, *, gateway: Gateway, now: dt.datetime) -> bool:
    """Cancel what is still open of the account's older collections, before its next bill.

    What turns out paid is booked. Returns whether nothing is open any more; where Stripe cannot
    say, or a payment is under way, as the debit of a bank account is for days, the next bill's
    collection has to wait.
    """
    still_open = Collection.objects.open().filter(bill__account=account)
    for collection in still_open.order_by("bill__number"):
        _carry_over(collection, gateway=gateway, now=now)
    return not still_open.exists()


def resume(collection: Collection, *, gateway: Gateway, now: dt.datetime) -> Collection:
    """Open a waiting collection once the older ones are decided, for what is owed by then."""
    older = Collection.objects.open().filter(
        bill__account=collection.bill.account_id, bill__number__lt=collection.bill.number
    )
    for one in older.exclude(state=Collection.State.PROCESSING).order_by("bill__number"):
        _carry_over(one, gateway=gateway, now=now)
    return _opened_if_alone(collection, now=now)


@transaction.atomic
def _opened_if_alone(collection: Collection, *, now: dt.datetime) -> Collection:
    collection = locked(collection.pk)
    account = collection.bill.account
    older = Collection.objects.open().filter(
        bill__account=account, bill__number__lt=collection.bill.number
    )
    if collection.state != Collection.State.WAITING or older.exists():
        return collection
    return for_what_is_owed(collection, now=now)


def _carry_over(collection: Collection, *, gateway: Gateway, now: dt.datetime) -> None:
    try:
        if collection.state == Collection.State.PROCESSING:
            # Its payer was told that it is on its way, so that is asked about and not called off.
            intent = gateway.retrieve_intent(collection.intent_id)
            collection = apply_intent(collection, intent, now=now)
        if collection.state == Collection.State.PROCESSING:
            return
        if collection.intent_id:
            apply_intent(collection, gateway.cancel_intent(collection.intent_id), now=now)
    except GatewayUnavailable:
        return
    _supersede_if_harmless(collection.pk, now=now)


@transaction.atomic
def _supersede_if_harmless(collection_pk: int, *, now: dt.datetime) -> None:
    """Give up a collection that has no PaymentIntent which could still take money.

    An intent whose id was never stored is never confirmed, so it cannot.
    """
    collection = locked(collection_pk)
    if collection.intent_id is None and collection.state in Collection.OPEN_STATES:
        collection.attempts.filter(state__in=Attempt.LIVE).update(state=Attempt.State.CANCELLED)
        now_in(collection, Collection.State.SUPERSEDED, now)
