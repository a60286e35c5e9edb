"""Collecting: a bill's amount due is taken at most once, whatever crashes or repeats.

One PaymentIntent per collection is created unconfirmed, its id stored, then confirmed. An attempt
is a row committed before the call. "Unknown" is a state that only Stripe's answer ends; so is
"processing", in which the debit of a bank account stands for days. Every answer goes through
`apply_intent`, the one writer of results.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max

from accounts.models import Terms
from billing.gateway import Gateway, GatewayRefused, GatewayUnavailable, Intent
from billing.models import Attempt, Bill, Book, Collection, StoredCard
from billing.models.payment import MINIMUM_CHARGE_CENTS
from billing.services import dunning, ledger


def open_collection(bill: Bill, *, now: dt.datetime) -> Collection | None:
    """Begin to collect the bill of an account that is charged by itself, as part of issuing it.

    While an older collection of the account may still take money, the new one waits. Bills of
    nothing, of less than Stripe charges, and of check payers are not collected here.
    """
    if bill.terms != Terms.CARD or bill.amount_due_cents < MINIMUM_CHARGE_CENTS:
        return None
    older = Collection.objects.open().filter(bill__account=bill.account_id).exists()
    return Collection.objects.create(
        bill=bill,
        amount_cents=bill.amount_due_cents,
        currency=bill.currency,
        state=Collection.State.WAITING if older else Collection.State.OPEN,
        updated_at=now,
    )


def collect(collection: Collection, *, gateway: Gateway, now: dt.datetime) -> Collection:
    """Charge what is on file for an open collection. Safe to repeat, at once or after a crash.

    What was declined is tried again only when that is due. Raises GatewayUnavailable; the attempt
    is then unknown, and collecting again asks Stripe first.
    """
    _take_no_more_than_owed(collection.pk, gateway=gateway, now=now)
    attempt = _live_or_new_attempt(collection.pk, now=now)
    if attempt is None:
        return Collection.objects.get(pk=collection.pk)
    try:
        intent = intent_of(collection, customer_id=attempt.customer_id, gateway=gateway, now=now)
        if intent is None:
            return Collection.objects.get(pk=collection.pk)
        if intent.is_confirmable and not _is_answered(attempt, intent):
            intent = gateway.confirm_intent(
                intent.id,
                payment_method_id=attempt.payment_method_id,
                attempt=attempt.number,
            )
    except GatewayUnavailable as error:
        Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.STARTED).update(
            state=Attempt.State.UNKNOWN, code=str(error)[:100]
        )
        raise
    except GatewayRefused as error:
        return _not_possible(attempt, error.code, now=now)
    return apply_intent(collection, intent, answered=attempt, now=now)


@transaction.atomic
def apply_intent(
    collection: Collection, intent: Intent, *, answered: Attempt | None = None, now: dt.datetime
) -> Collection:
    """Write down what Stripe says of a collection's PaymentIntent. Idempotent, in any order.

    `intent` is as fetched now, never a remembered one. Where it is the answer to an attempt, that
    is `answered`: an intent keeps its last refusal, which must not be taken for that of an attempt
    begun since.
    """
    collection = locked(collection.pk)
    if collection.intent_id != intent.id or collection.state == Collection.State.PAID:
        return collection
    attempt = collection.attempts.filter(state__in=Attempt.LIVE).last()
    if intent.status == "succeeded":
        _paid(collection, attempt or _by_customer(collection, intent, now), intent, now)
    elif intent.status == "processing":
        _answered(attempt or _by_customer(collection, intent, now), "processing", intent)
        now_in(collection, Collection.State.PROCESSING, now)
    elif intent.status == "canceled":
        _cancelled(collection, attempt, intent, now)
    elif attempt is not None and (intent.has_failed or intent.status == "requires_action"):
        if attempt == answered or not _is_of_an_earlier_attempt(attempt, intent):
            _refused(collection, attempt, intent, now)
    elif intent.has_failed and not collection.attempts.filter(charge_id=intent.charge_id).exists():
        _answered(_by_customer(collection, intent, now), "declined", intent)
    return collection


def for_what_is_owed(collection: Collection, *, now: dt.datetime) -> Collection:
    """Open a locked collection that has no PaymentIntent, for no more than is still owed."""
    owed = min(collection.amount_cents, ledger.balance_cents(collection.bill.account))
    if owed < MINIMUM_CHARGE_CENTS:
        return now_in(collection, Collection.State.SETTLED, now)
    collection.amount_cents = owed
    collection.save(update_fields=["amount_cents"])
    return now_in(collection, Collection.State.OPEN, now)


def _take_no_more_than_owed(collection_pk: int, *, gateway: Gateway, now: dt.datetime) -> None:
    """Give up a PaymentIntent for more than is still owed; the next one takes the rest."""
    collection = Collection.objects.select_related("bill__account").get(pk=collection_pk)
    may_be_confirmed = collection.state in (Collection.State.OPEN, Collection.State.DECLINED)
    if not (may_be_confirmed and collection.intent_id):
        return
    if ledger.balance_cents(collection.bill.account) < collection.amount_cents:
        apply_intent(collection, gateway.cancel_intent(collection.intent_id), now=now)


@transaction.atomic
def _not_possible(attempt: Attempt, code: str, *, now: dt.datetime) -> Collection:
    """Stripe would not even try (a card unknown, a bank account barred): for staff, at once."""
    collection = locked(attempt.collection_id)
    collection.attempts.filter(pk=attempt.pk, state__in=Attempt.LIVE).update(
        state=Attempt.State.DECLINED, code=code[:100]
    )
    collection.flagged_at = now
    collection.save(update_fields=["flagged_at"])
    dunning.follow_impossible(collection, attempt, now=now)
    return now_in(collection, Collection.State.DECLINED, now)


@transaction.atomic
def _live_or_new_attempt(collection_pk: int, *, now: dt.datetime) -> Attempt | None:
    """Commit the intention to charge before any call is made. None: there is nothing to try."""
    collection = locked(collection_pk)
    is_due_again = (
        collection.state == Collection.State.DECLINED
        and collection.next_try_at is not None
        and collection.next_try_at <= now
    )
    if not is_due_again and collection.state not in ("open", "processing"):
        return None
    live = collection.attempts.filter(state__in=Attempt.LIVE).first()
    if live is not None or collection.state == Collection.State.PROCESSING:
        return live
    card = StoredCard.objects.filter(account=collection.bill.account_id).first()
    if card is None:
        return None
    if collection.intent_id is None:
        for_what_is_owed(collection, now=now)
        if collection.state == Collection.State.SETTLED:
            return None
    now_in(collection, Collection.State.OPEN, now)
    return new_attempt(
        collection,
        customer_id=card.customer_id,
        payment_method_id=card.payment_method_id,
        started_at=now,
    )


def new_attempt(collection: Collection, **fields: object) -> Attempt:
    """Note one more attempt of a locked collection, under the next number."""
    last = collection.attempts.aggregate(last=Max("number"))["last"] or 0
    return Attempt.objects.create(collection=collection, number=last + 1, **fields)


def _by_customer(collection: Collection, intent: Intent, now: dt.datetime) -> Attempt:
    """Note the attempt that a customer made on the pay page, of which Stripe tells us first."""
    return new_attempt(
        collection,
        customer_id=intent.customer_id,
        payment_method_id=intent.payment_method_id,
        started_at=now,
        is_by_customer=True,
    )


def intent_of(
    collection: Collection, *, customer_id: str, gateway: Gateway, now: dt.datetime
) -> Intent | None:
    """Return the collection's PaymentIntent, made and its id stored if there is none yet.

    None: the collection was given up meanwhile, or is for another amount; the intent just made is
    never confirmed.
    Raises GatewayUnavailable, GatewayRefused.
    """
    collection = Collection.objects.select_related("bill").get(pk=collection.pk)
    if collection.intent_id:
        return gateway.retrieve_intent(collection.intent_id)
    intent = gateway.create_intent(
        amount_cents=collection.amount_cents,
        currency=collection.currency,
        customer_id=customer_id,
        bill=str(collection.bill.uuid),
        generation=collection.generation,
    )
    stored = Collection.objects.filter(
        pk=collection.pk,
        intent_id=None,
        state=Collection.State.OPEN,
        generation=collection.generation,
        amount_cents=collection.amount_cents,
    ).update(intent_id=intent.id, updated_at=now)
    if stored:
        return intent
    collection.refresh_from_db()
    return gateway.retrieve_intent(collection.intent_id) if collection.intent_id else None


def _is_answered(attempt: Attempt, intent: Intent) -> bool:
    """Tell whether the intent carries a failure that no other attempt has recorded.

    Then it is the lost answer to this attempt, or how its debit ended: nothing is tried again.
    """
    if not (intent.has_failed and intent.charge_id):
        return False
    others = attempt.collection.attempts.exclude(pk=attempt.pk)
    return not others.filter(charge_id=intent.charge_id).exists()


def _is_of_an_earlier_attempt(attempt: Attempt, intent: Intent) -> bool:
    """Tell whether the intent's failure was recorded before `attempt` began."""
    earlier = attempt.collection.attempts.filter(number__lt=attempt.number)
    return intent.charge_id != "" and earlier.filter(charge_id=intent.charge_id).exists()


def locked(collection_pk: int) -> Collection:
    """Lock the account, then the collection: always in this order."""
    bill = Bill.objects.only("account_id").get(collection=collection_pk)
    ledger.lock(bill.account_id)
    return (
        Collection.objects.select_for_update(of=("self",))
        .select_related("bill__account")
        .get(pk=collection_pk)
    )


def _paid(collection: Collection, attempt: Attempt, intent: Intent, now: dt.datetime) -> None:
    ledger.book_payment(
        collection.bill.account,
        reference=intent.charge_id,
        amount_cents=intent.received_cents,
        into=Book.CARD_CLEARING,
        now=now,
    )
    _answered(attempt, "succeeded", intent)
    now_in(collection, Collection.State.PAID, now)
    dunning.confirm_payment(collection, attempt, now=now)


def _refused(collection: Collection, attempt: Attempt, intent: Intent, now: dt.datetime) -> None:
    asks = intent.failure_code == "authentication_required" or intent.status == "requires_action"
    state = "action_required" if asks else "declined"
    _answered(attempt, state, intent)
    now_in(collection, Collection.State(state), now)
    dunning.follow_refusal(collection, attempt, now=now)


def _cancelled(
    collection: Collection, attempt: Attempt | None, intent: Intent, now: dt.datetime
) -> None:
    """The next PaymentIntent, if there is to be one, is of the next generation."""
    if attempt is not None:
        _answered(attempt, "cancelled", intent)
    collection.intent_id = None
    collection.generation += 1
    collection.save(update_fields=["intent_id", "generation"])
    now_in(collection, Collection.State.OPEN, now)


def _answered(attempt: Attempt, state: str, intent: Intent) -> None:
    attempt.state = Attempt.State(state)
    attempt.code = intent.failure_code
    attempt.decline_code = intent.decline_code
    attempt.charge_id = intent.charge_id
    attempt.save(update_fields=["state", "code", "decline_code", "charge_id"])


def now_in(collection: Collection, state: Collection.State, now: dt.datetime) -> Collection:
    collection.state = state
    collection.next_try_at = None
    collection.updated_at = now
    collection.save(update_fields=["state", "next_try_at", "updated_at"])
    return collection
