"""What follows a charge: the receipt, or when what was refused is tried again and who is told."""

from __future__ import annotations

import datetime as dt
from operator import or_

from django.db.models import Max, Min, Q

from accounts.services.letters import tell
from billing.bank_returns import FOR_GOOD
from billing.models import Attempt, Collection, StoredCard
from billing.models.payment import MINIMUM_CHARGE_CENTS
from billing.services import ledger
from billing.standing import billing_day
from users.models import User

#: Days after the first try on which what was declined for now is tried again.
RETRY_DAYS = (3, 7, 14)
#: How often a returned debit may be tried again at most, as Nacha allows.
BANK_RETRIES = 2
#: How long the debit of a bank account may take; usually four business days.
ANSWERED_WITHIN = dt.timedelta(days=14)
#: Declines that stay: the card or bank account is never tried again. https://docs.stripe.com/declines/codes
HARD_DECLINES = frozenset({
    "do_not_try_again", "expired_card", "fraudulent", "incorrect_number", "invalid_account",
    "invalid_number", "lost_card", "pickup_card", "restricted_card",
    "revocation_of_all_authorizations", "revocation_of_authorization", "stolen_card",
    "stop_payment_order", *FOR_GOOD,
})  # fmt: skip
#: How many days before a card ends its holder is told.
WARNED_BEFORE = (30, 7)


def is_hard(attempt: Attempt) -> bool:
    """Tell whether what a declined attempt went by is never to be tried again."""
    return bool({attempt.code, attempt.decline_code} & HARD_DECLINES)


def follow_refusal(collection: Collection, attempt: Attempt, *, now: dt.datetime) -> None:
    """Plan the next try of a refused charge and tell who pays, in the transaction of the answer."""
    if attempt.state == Attempt.State.ACTION_REQUIRED:
        _tell_payers(collection, "payment_needs_bank", key=attempt.pk, now=now)
        return
    collection.next_try_at = next_try_at(collection, now=now)
    collection.save(update_fields=["next_try_at"])
    _tell_declined(collection, attempt, now=now)


def follow_impossible(collection: Collection, attempt: Attempt, *, now: dt.datetime) -> None:
    """Tell who pays that a bank account may not be debited: they alone can permit it anew.

    What Stripe has against a card, staff find out first.
    """
    method = StoredCard.objects.filter(payment_method_id=attempt.payment_method_id).first()
    if method is not None and method.is_bank:
        _tell_declined(collection, attempt, now=now)


def next_try_at(collection: Collection, *, now: dt.datetime) -> dt.datetime | None:
    """Return when what is on file is tried for a declined collection; None: not any more.

    At once where it has not been tried yet: it was stored while another payment was under way.
    """
    method = StoredCard.objects.filter(account=collection.bill.account_id).first()
    if method is None or not collection.is_automatic:
        return None
    tried = list(collection.attempts.filter(payment_method_id=method.payment_method_id))
    if not tried:
        return now
    if any(map(is_hard, tried)) or (method.is_bank and len(tried) > BANK_RETRIES):
        return None
    first = collection.attempts.aggregate(first=Min("started_at"))["first"]
    tries = (first + dt.timedelta(days=days) for days in RETRY_DAYS)
    return next((at for at in tries if at > now), None)


def confirm_payment(collection: Collection, attempt: Attempt, *, now: dt.datetime) -> None:
    """Send the receipt of a charge, in the transaction that books it."""
    _tell_payers(collection, "payment_received", key=attempt.charge_id, now=now)


def flag_unpaid(*, now: dt.datetime) -> list[Collection]:
    """Give to staff what no try is left for, fourteen days after the first; the payers are told.

    Not what is never charged by itself: who pays by check has only tried another way.
    """
    first_tried_by = now - dt.timedelta(days=RETRY_DAYS[-1])
    refused = Collection.objects.filter(
        state__in=[Collection.State.DECLINED, Collection.State.ACTION_REQUIRED],
        is_automatic=True,
        next_try_at=None,
        flagged_at=None,
    )
    unpaid = list(
        refused.annotate(first=Min("attempts__started_at"))
        .filter(first__lte=first_tried_by)
        .select_related("bill__account")
    )
    unpaid = [one for one in unpaid if _is_owed(one)]
    for collection in unpaid:
        _tell_payers(collection, "payment_given_up", key=collection.pk, now=now)
        collection.flagged_at = now
        collection.save(update_fields=["flagged_at"])
    return unpaid


def flag_unanswered(*, now: dt.datetime) -> int:
    """Give to staff what no bank has answered for long: they alone can ask; return how many."""
    begun = Collection.objects.filter(state=Collection.State.PROCESSING, flagged_at=None)
    unanswered = begun.annotate(last=Max("attempts__started_at")).filter(
        last__lte=now - ANSWERED_WITHIN
    )
    return Collection.objects.filter(pk__in=unanswered.values("pk")).update(flagged_at=now)


def _is_owed(collection: Collection) -> bool:
    """Tell whether money is still owed: a check or a credit note may have settled it meanwhile."""
    return ledger.balance_cents(collection.bill.account) >= MINIMUM_CHARGE_CENTS


def warn_of_expiring_cards(*, now: dt.datetime) -> None:
    """Tell the Admins whose card ends within each of the warned spans; bank accounts do not end.

    Each is told once for each span. A card is good to the end of its month.
    """
    today = billing_day(now)
    for days in WARNED_BEFORE:
        last_day = today + dt.timedelta(days=days)
        months = [Q(expiry_year=day.year, expiry_month=day.month) for day in (today, last_day)]
        for card in StoredCard.objects.filter(or_(*months)).select_related("account"):
            if end_of(card) <= last_day:
                _warn(card, days, now)


def end_of(card: StoredCard) -> dt.date:
    """Return the last day on which a card is good."""
    following = dt.date(card.expiry_year + card.expiry_month // 12, card.expiry_month % 12 + 1, 1)
    return following - dt.timedelta(days=1)


def _warn(card: StoredCard, days: int, now: dt.datetime) -> None:
    ends_on = end_of(card)
    for admin in card.account.users.active_admins():
        tell(
            admin,
            "card_expires",
            key=f"{card.payment_method_id}:{ends_on}:{days}:{admin.pk}",
            now=now,
            facts={"card": card.label, "ends_on": str(ends_on), "method": card.payment_method_id},
        )


def _tell_declined(collection: Collection, attempt: Attempt, *, now: dt.datetime) -> None:
    _tell_payers(collection, "payment_declined", key=attempt.pk, now=now, attempt=attempt.pk)


def _tell_payers(
    collection: Collection, kind: str, *, key: object, now: dt.datetime, **facts: int
) -> None:
    """Tell everybody who reads the account's bills, once for each `key`."""
    readers = User.objects.entitled_to_bills().filter(account=collection.bill.account_id)
    for reader in readers:
        tell(
            reader,
            kind,
            key=f"{key}:{reader.pk}",
            now=now,
            facts={"collection": collection.pk, **facts},
        )
