"""Paying on line: a customer pays the open bill, through the same PaymentIntent as the sweep."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Account
from accounts.services.audit import record
from billing.gateway import Gateway, Intent
from billing.links import pay_link
from billing.models import Bill, Collection
from billing.models.payment import MINIMUM_CHARGE_CENTS
from billing.services import ledger
from billing.services.cards import customer_of
from billing.services.collect import apply_intent, collect, intent_of, locked

#: Stripe's answer may come while another payment of the same bill is under way.
UNDER_WAY = (Collection.State.WAITING, Collection.State.PROCESSING)
#: What a customer's press of Pay opens again.
REFUSED = (Collection.State.DECLINED, Collection.State.ACTION_REQUIRED)
GIVEN_UP = (Collection.State.SUPERSEDED, Collection.State.SETTLED)


class NothingToPay(Exception):
    """Nothing is owed, or by another bill: each bill's amount due holds what older ones left."""


class PaymentUnderWay(Exception):
    """A payment of this bill is on its way; until it is decided, nobody pays it again."""


def payable_cents(bill: Bill) -> int:
    """Return what can be paid of `bill` on line: 0 unless it is the newest and money is owed.

    What came to be owed after it was issued, such as a bounced check, is on the next bill; so is a
    payment of this one that was taken back.
    """
    if Collection.objects.filter(bill=bill, state=Collection.State.PAID).exists():
        return 0
    newest = Bill.objects.filter(account=bill.account_id).order_by("number").last()
    owed = min(bill.amount_due_cents, ledger.balance_cents(bill.account))
    return owed if newest == bill and owed >= MINIMUM_CHARGE_CENTS else 0


def link_to_pay(account: Account) -> str:
    """Return the link by which all that can be paid of `account` is paid, "" where nothing can."""
    newest = account.bills.order_by("number").last()
    return pay_link(newest) if newest and payable_cents(newest) else ""


@transaction.atomic
def collection_to_pay(bill: Bill, *, now: dt.datetime) -> Collection:
    """Return the collection by which `bill` is paid on line, made now where it has none.

    Raises NothingToPay, PaymentUnderWay.
    """
    ledger.lock(bill.account_id)
    owed = payable_cents(bill)
    if not owed:
        raise NothingToPay
    collection, _ = Collection.objects.get_or_create(
        bill=bill,
        defaults={
            "amount_cents": owed,
            "currency": bill.currency,
            "is_automatic": False,
            "updated_at": now,
        },
    )
    if collection.state == Collection.State.PAID:
        raise NothingToPay
    if collection.state in UNDER_WAY:
        raise PaymentUnderWay
    return collection


def prepare(bill: Bill, *, gateway: Gateway, now: dt.datetime) -> Intent:
    """Return the PaymentIntent that a browser may confirm, of exactly what is owed now.

    One of another sum, which a page may still have open, is given up: nobody can confirm it then.
    Raises NothingToPay, PaymentUnderWay, GatewayUnavailable, GatewayRefused.
    """
    _give_up_another_sum(bill, gateway=gateway, now=now)
    collection = collection_to_pay(bill, now=now)
    collection = _for_what_is_owed(collection.pk, now=now)
    customer_id = customer_of(bill.account, gateway=gateway)
    intent = intent_of(collection, customer_id=customer_id, gateway=gateway, now=now)
    if intent is None:
        raise PaymentUnderWay
    return intent


def pay_by_stored_card(bill: Bill, *, gateway: Gateway, by: Actor, now: dt.datetime) -> Collection:
    """Charge the card on file for `bill` now; return the collection as it then stands.

    Raises NothingToPay, PaymentUnderWay, GatewayUnavailable, GatewayRefused.
    """
    prepare(bill, gateway=gateway, now=now)
    collection = _opened(bill, by=by, now=now)
    return collect(collection, gateway=gateway, now=now)


def note_outcome(bill: Bill, *, gateway: Gateway, now: dt.datetime) -> Collection | None:
    """Ask Stripe how the payment of `bill` stands, after a browser confirmed it; write that down.

    Raises GatewayUnavailable.
    """
    collection = Collection.objects.filter(bill=bill).first()
    if collection is None or not collection.intent_id:
        return collection
    return apply_intent(collection, gateway.retrieve_intent(collection.intent_id), now=now)


def _give_up_another_sum(bill: Bill, *, gateway: Gateway, now: dt.datetime) -> None:
    """Cancel the PaymentIntent of `bill` where it is not for what can be paid now."""
    confirmable = Collection.objects.open().exclude(state__in=UNDER_WAY).exclude(intent_id=None)
    collection = confirmable.filter(bill=bill).first()
    if collection is not None and collection.amount_cents != payable_cents(bill):
        apply_intent(collection, gateway.cancel_intent(collection.intent_id), now=now)


@transaction.atomic
def _for_what_is_owed(collection_pk: int, *, now: dt.datetime) -> Collection:
    """Have a collection without a PaymentIntent take what is owed now.

    What was given up is taken up again for the customer alone: the sweep charges nothing by it.
    """
    collection = locked(collection_pk)
    if collection.intent_id is None and (owed := payable_cents(collection.bill)):
        collection.is_automatic &= collection.state not in GIVEN_UP
        collection.amount_cents, collection.state = owed, Collection.State.OPEN
        collection.save(update_fields=["is_automatic", "amount_cents", "state"])
    return collection


@transaction.atomic
def _opened(bill: Bill, *, by: Actor, now: dt.datetime) -> Collection:
    """Let a refused collection be tried once more, because a customer asked for it."""
    collection = collection_to_pay(bill, now=now)
    if collection.state in REFUSED:
        collection.state, collection.next_try_at = Collection.State.OPEN, None
        collection.save(update_fields=["state", "next_try_at"])
    record("paid by the card on file", bill, by=by, now=now, account=bill.account)
    return collection
