"""Checks: recording one, applying what it left over, and taking back one that bounced."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from accounts.actors import Actor
from accounts.models import Account
from accounts.money import Money
from accounts.services.audit import record
from accounts.services.letters import queue_letter, tell
from billing.models import Book, Check, JournalEntry
from billing.open_items import open_items
from billing.services import ledger
from users.models import User


class NumberTaken(Exception):
    """Another check of the account was recorded under this number: `check`."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.number)
        self.check = check


class TooMuchAllocated(Exception):
    """More is to be settled than is open, or than the check has left."""


class HasBounced(Exception):
    """The check turned out to be worth nothing."""


#: How many cents settle which open item, by its key. None: the oldest first.
Shares = dict[str, int]


@transaction.atomic
def record_check(
    account: Account,
    *,
    number: str,
    amount_cents: int,
    received_on: dt.date,
    by: Actor,
    now: dt.datetime,
    memo: str = "",
    shares: Shares | None = None,
    is_rest_kept: bool = False,
) -> Check:
    """Book a check and settle by it what `shares` say, else the oldest bills first.

    What is left settles the oldest too, unless it is kept for staff to apply. Recording the same
    check again returns the one that stands. Raises NumberTaken, TooMuchAllocated.
    """
    account = ledger.lock(account.pk)
    known = _recorded_already(account, number, amount_cents, received_on)
    if known is not None:
        return known
    check = Check.objects.create(
        account=account,
        number=number,
        amount_cents=amount_cents,
        received_on=received_on,
        entered_by=by.user,
        entry=_book(account, number, amount_cents, memo=memo, now=now),
        is_rest_kept=is_rest_kept,
    )
    if shares is None and is_rest_kept:
        shares = _oldest_first(account, amount_cents)
    settled = _settle(check, shares or {}, left_cents=amount_cents, now=now)
    ledger.apply_credit(account, now=now)
    after = {"amount": check.amount, "received": received_on, "memo": memo, "settles": settled}
    record("recorded", check, by=by, now=now, account=account, after=after)
    return check


@transaction.atomic
def apply_rest(check: Check, *, by: Actor, now: dt.datetime, shares: Shares | None = None) -> Check:
    """Settle with what a check left over: what `shares` say, else the oldest bills first.

    Without shares nothing is kept for staff any more. Raises TooMuchAllocated, HasBounced.
    """
    ledger.lock(check.account_id)
    check = Check.objects.with_standing().select_related("account", "entry").get(pk=check.pk)
    if check.is_bounced:
        raise HasBounced(check.number)
    if shares is None:
        check.is_rest_kept = False
        check.save(update_fields=["is_rest_kept"])
        ledger.apply_credit(check.account, now=now)
    settled = _settle(check, shares or {}, left_cents=check.rest_cents, now=now)
    after = {"settles": settled or "the oldest bills"}
    record("applied the rest of", check, by=by, now=now, account=check.account, after=after)
    return check


@transaction.atomic
def bounce(check: Check, *, by: Actor, now: dt.datetime, reason: str = "") -> JournalEntry:
    """Book that the bank returned a check; what it settled is owed again, and all are told.

    Bouncing again returns the entry that stands.
    """
    account = ledger.lock(check.account_id)
    known = check.entry.followed_by.filter(kind=JournalEntry.Kind.BOUNCED).first()
    if known is not None:
        return known
    entry = ledger.take_back(
        check.entry,
        kind=JournalEntry.Kind.BOUNCED,
        reference=f"bounced:{check.entry.reference}",
        memo=reason,
        now=now,
    )
    record("noted as bounced", check, by=by, now=now, account=account, after={"reason": reason})
    _tell_of_bounce(check, now=now)
    return entry


def _recorded_already(
    account: Account, number: str, amount_cents: int, received_on: dt.date
) -> Check | None:
    """Return this very check, None where its number is free. Raises NumberTaken."""
    known = Check.objects.filter(account=account, number=number).select_related("entry").first()
    if known and (known.amount_cents, known.received_on) != (amount_cents, received_on):
        raise NumberTaken(known)
    return known


def _book(
    account: Account, number: str, amount_cents: int, *, memo: str, now: dt.datetime
) -> JournalEntry:
    return ledger.book(
        account,
        kind=JournalEntry.Kind.PAYMENT,
        reference=f"check:{account.number}:{number}",
        now=now,
        sides=[(Book.BANK, amount_cents), (Book.RECEIVABLE, -amount_cents)],
        memo=memo,
    )


def _oldest_first(account: Account, cents: int) -> Shares:
    """Share out `cents` as they would settle what is owed by themselves."""
    shares = {}
    for item in open_items(account):
        shares[item.key] = min(item.unpaid_cents, cents)
        cents -= shares[item.key]
    return {key: share for key, share in shares.items() if share}


def _settle(check: Check, shares: Shares, *, left_cents: int, now: dt.datetime) -> list[str]:
    """Let the check settle what `shares` say, and return that in words.

    The caller locks. Raises TooMuchAllocated.
    """
    if sum(shares.values()) > left_cents:
        raise TooMuchAllocated(check.number)
    owed = {item.key: item for item in open_items(check.account)} if shares else {}
    settled = []
    for key, cents in shares.items():
        item = owed.get(key)
        if item is None or cents > item.unpaid_cents:
            raise TooMuchAllocated(key)
        ledger.settle(check.entry, bill=item.bill, debit=item.debit, amount_cents=cents, now=now)
        settled.append(f"{item}: {Money(cents, check.account.currency)}")
    return settled


def _tell_of_bounce(check: Check, *, now: dt.datetime) -> None:
    """Tell everybody who reads the account's bills, and the operator's own office."""
    for reader in User.objects.entitled_to_bills().filter(account=check.account_id):
        tell(
            reader,
            "check_bounced",
            key=f"{check.pk}:{reader.pk}",
            now=now,
            facts={"check": check.pk},
        )
    queue_letter(
        "check_bounced_staff",
        to=settings.OPERATOR_EMAIL,
        key=str(check.pk),
        account=check.account,
        now=now,
        facts={"check": check.pk},
    )
