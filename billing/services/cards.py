"""What an account pays with, a card or bank account: saved by Stripe's fields, taken once good."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Account
from accounts.services.accounts import update_account
from accounts.services.audit import record
from accounts.services.letters import tell_admins
from billing.gateway import Gateway, GatewayRefused, GatewayUnavailable, SavedCard, Setup
from billing.models import Attempt, Collection, Payer, ReplacedCard, StoredCard
from billing.services import ledger

logger = logging.getLogger(__name__)

#: What a new card is tried for at once: what the old one was refused for.
REFUSED = (Collection.State.DECLINED, Collection.State.ACTION_REQUIRED)


class CardNotUsable(Exception):
    """Stripe has saved nothing for this account that could be charged."""


def begin_setup(account: Account, *, gateway: Gateway) -> Setup:
    """Let Stripe's fields save a card or bank account; nothing changes here until it is stored.

    Raises GatewayUnavailable, GatewayRefused.
    """
    customer_id = customer_of(account, gateway=gateway)
    return gateway.create_setup(customer_id=customer_id, account=account.number)


def finished_setup(account: Account, setup_id: str, *, gateway: Gateway) -> Setup:
    """Return what Stripe itself says of the SetupIntent that a browser names.

    Raises CardNotUsable where it has saved nothing of this account's, GatewayUnavailable.
    """
    if not re.fullmatch(r"seti_\w{1,100}", setup_id, re.ASCII):
        raise CardNotUsable(f"made up, for {account}")
    try:
        setup = gateway.retrieve_setup(setup_id)
    except GatewayRefused as refusal:
        raise CardNotUsable(str(refusal)) from refusal
    customer_id = _customer_id(account)
    is_ours = setup.account == account.number and setup.customer_id == customer_id
    is_good = setup.status == "succeeded" and setup.card and setup.card.customer_id == customer_id
    if not (is_ours and is_good):
        raise CardNotUsable(f"{setup_id} for {account}")
    return setup


@transaction.atomic
def update_account_and_card(
    account: Account,
    *,
    changes: Mapping[str, str],
    seen: str,
    setup: Setup | None,
    by: Actor,
    now: dt.datetime,
) -> None:
    """Change the account and, where there is a `setup`, what it pays with: both or neither.

    Raises ChangedMeanwhile, CardNotUsable.
    """
    update_account(account, changes=changes, seen=seen, by=by, now=now)
    if setup is not None:
        store_card(account, setup=setup, by=by, now=now)


@transaction.atomic
def store_card(account: Account, *, setup: Setup, by: Actor, now: dt.datetime) -> StoredCard:
    """Pay with what a finished `setup` has saved, from now on. Safe to repeat.

    Every Admin is told, what the old one was refused for is tried again at the next sweep, and the
    old one is forgotten at Stripe. Raises CardNotUsable for one replaced before.
    """
    ledger.lock(account.pk)
    old = StoredCard.objects.filter(account=account).first()
    if old is not None and old.payment_method_id == setup.card.payment_method_id:
        return old
    if ReplacedCard.objects.filter(payment_method_id=setup.card.payment_method_id).exists():
        raise CardNotUsable(f"{setup.card.payment_method_id} was replaced")
    card, _ = StoredCard.objects.update_or_create(
        account=account, defaults=_columns(setup.card) | {"customer_id": setup.customer_id}
    )
    if old is not None:
        ReplacedCard.objects.create(
            account=account, payment_method_id=old.payment_method_id, replaced_at=now
        )
    _try_again(account, now=now)
    _tell(account, old=old, card=card, by=by, now=now)
    return card


def detach_replaced(*, gateway: Gateway, now: dt.datetime) -> Iterator[ReplacedCard]:
    """Make Stripe forget what was replaced, except what a payment under way still goes by."""
    in_use = Attempt.objects.filter(state__in=Attempt.LIVE).values("payment_method_id")
    waiting = ReplacedCard.objects.filter(detached_at=None).exclude(payment_method_id__in=in_use)
    for card in waiting.order_by("replaced_at"):
        try:
            gateway.detach(card.payment_method_id)
        except GatewayRefused as refusal:
            logger.info("%s is gone already: %s", card, refusal)
        except GatewayUnavailable as error:
            logger.warning("%s stays at Stripe for now: %s", card, error)
            return
        card.detached_at = now
        card.save(update_fields=["detached_at"])
        yield card


def customer_of(account: Account, *, gateway: Gateway) -> str:
    """Return the account's customer at Stripe, made now where it has none.

    Raises GatewayUnavailable, GatewayRefused.
    """
    return _customer_id(account) or _new_customer_id(account, gateway=gateway)


def _customer_id(account: Account) -> str:
    """Return the account's customer at Stripe; empty where there is none yet."""
    for kept in (StoredCard, Payer):
        if row := kept.objects.filter(account=account).first():
            return row.customer_id
    return ""


def _new_customer_id(account: Account, *, gateway: Gateway) -> str:
    """Make the account's customer at Stripe and keep it; of two at once the first is kept."""
    customer_id = gateway.create_customer(account=account.number, name=account.name)
    payer, _ = Payer.objects.get_or_create(account=account, defaults={"customer_id": customer_id})
    return payer.customer_id


def _columns(card: SavedCard) -> dict[str, str | int | None]:
    columns = asdict(card)
    del columns["customer_id"]
    return columns


def _try_again(account: Account, *, now: dt.datetime) -> None:
    """Open what the old card was refused for; whoever holds the account's lock may."""
    Collection.objects.filter(bill__account=account, state__in=REFUSED).update(
        state=Collection.State.OPEN, next_try_at=None, updated_at=now
    )


def _tell(
    account: Account, *, old: StoredCard | None, card: StoredCard, by: Actor, now: dt.datetime
) -> None:
    before, after = _described(old), _described(card)
    entry = record(
        "changed the payment method of",
        account,
        by=by,
        now=now,
        account=account,
        before={"payment method": before},
        after={"payment method": after},
    )
    tell_admins(
        account,
        "card_changed",
        key=entry.pk,
        now=now,
        facts={"by": str(by), "before": before, "after": after},
    )


def _described(card: StoredCard | None) -> str | None:
    if card is None or card.is_bank:
        return card and card.label
    return f"{card.label}, {card.expiry_month:02}/{card.expiry_year}"
