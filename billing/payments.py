"""Payments and what took them back, in customers' words: how they came and what they settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.templatetags.dates import month
from billing.models import Allocation, Attempt, Bill, JournalEntry, ReplacedCard
from billing.models.payment import BANK_DEBIT

OF_STRIPE = ("ch_", BANK_DEBIT)


@dataclass(frozen=True, slots=True)
class Described:
    """An entry in words: what it is, how the money moved, and the number of its bill if it is one.

    `how` is empty where there is nothing to say.
    """

    what: str
    how: str = ""
    bill_number: int | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Part of a payment, and what it settles: a bill by its number, or a debit beside bills."""

    bill_number: int | None
    debit_kind: str | None
    cents: int

    @property
    def label(self) -> str:
        if self.bill_number:
            return _("Bill %(number)s") % {"number": f"{self.bill_number:06}"}
        return str(JournalEntry.Kind(self.debit_kind).label)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment or what took one back, as a row of the payment history."""

    entry: JournalEntry
    described: Described
    settled: Sequence[Settled]

    @property
    def day(self) -> dt.date:
        """The day of the billing zone on which it was booked."""
        return day_of(self.entry)

    @property
    def amount_cents(self) -> int:
        """What came in; below zero where it went back."""
        return -self.entry.receivable_cents

    @property
    def reference(self) -> str:
        """By what the card processor knows it; empty for checks, whose number says it."""
        return self.entry.reference if self.entry.reference.startswith(OF_STRIPE) else ""

    @property
    def unapplied_cents(self) -> int:
        """Credit of this payment that settles nothing yet."""
        return max(self.amount_cents - sum(part.cents for part in self.settled), 0)


def day_of(entry: JournalEntry) -> dt.date:
    return entry.booked_at.astimezone(ZoneInfo(settings.BILLING_TIME_ZONE)).date()


def payments_of(entries: Sequence[JournalEntry]) -> list[Payment]:
    """Tell how each of `entries` came and what it settles now; few queries, however many."""
    entries = list(entries)
    described = describe(entries)
    settled: dict[int, list[Settled]] = {}
    parts = (
        Allocation.objects.filter(entry__in=entries)
        .order_by("entry", "bill__number")
        .values_list("entry", "bill__number", "debit__kind")
        .annotate(total=Sum("amount_cents"))
        .exclude(total=0)
    )
    for entry_pk, *part in parts:
        settled.setdefault(entry_pk, []).append(Settled(*part))
    return [Payment(entry, described[entry.pk], settled.get(entry.pk, [])) for entry in entries]


def describe(entries: Sequence[JournalEntry]) -> dict[int, Described]:
    """Put `entries` into words, by their keys; each brings its account and what it is about.

    Memos are the staff's own words and are never among them.
    """
    bills = [entry.reference for entry in entries if entry.kind == JournalEntry.Kind.BILL]
    months = _months(bills)
    origins = {entry.pk: entry.about or entry for entry in entries}
    cards = _card_labels([origin.reference for origin in origins.values()])
    return {
        entry.pk: _described(entry, months, _how(origins[entry.pk], cards)) for entry in entries
    }


def _described(entry: JournalEntry, months: dict[int, str], how: str) -> Described:
    kind, what = entry.kind, str(entry.get_kind_display())
    if kind == JournalEntry.Kind.BILL:
        number = _bill_number(entry.reference)
        words = _("Bill %(number)s") % {"number": f"{number:06}"}
        return Described(words, months.get(number, ""), bill_number=number)
    if kind == JournalEntry.Kind.CREDIT_NOTE:
        return Described(what, entry.reference.removeprefix("credit-note:"))
    return Described(what, how if kind in JournalEntry.MONEY_KINDS else "")


def _months(references: Sequence[str]) -> dict[int, str]:
    """Name the months of bills by their numbers."""
    numbers = [_bill_number(reference) for reference in references]
    bills = Bill.objects.filter(number__in=numbers).only("number", "month_start", "billing_zone")
    return {bill.number: month(bill.month.first_day) for bill in bills}


def _bill_number(reference: str) -> int:
    return int(reference.removeprefix("bill:"))


def _how(entry: JournalEntry, cards: dict[str, str]) -> str:
    prefix = f"check:{entry.account.number}:"
    if entry.reference.startswith(prefix):
        return _("Check %(number)s") % {"number": entry.reference.removeprefix(prefix)}
    unnamed = _("Bank account") if entry.reference.startswith(BANK_DEBIT) else ""
    return cards.get(entry.reference, unnamed)


def _card_labels(charges: Sequence[str]) -> dict[str, str]:
    """Name the cards and bank accounts of `charges`, where it is known which they were."""
    paid = Attempt.objects.filter(charge_id__in=charges, state=Attempt.State.SUCCEEDED)
    attempts = list(paid.select_related("collection__bill__account__card"))
    accounts = {attempt.collection.bill.account_id for attempt in attempts}
    replaced: dict[int, list[dt.datetime]] = {}
    rows = ReplacedCard.objects.filter(account__in=accounts)
    for account_pk, at in rows.values_list("account", "replaced_at"):
        replaced.setdefault(account_pk, []).append(at)
    return {
        attempt.charge_id: _card(attempt, replaced.get(attempt.collection.bill.account_id, []))
        for attempt in attempts
    }


def _card(attempt: Attempt, replaced: Sequence[dt.datetime]) -> str:
    """Name what an attempt charged: the one on file now, or the one that its bill names.

    The latter was charged if nothing replaced it between the issue of the bill and the attempt.
    """
    bill = attempt.collection.bill
    card = getattr(bill.account, "card", None)
    if card and card.payment_method_id == attempt.payment_method_id:
        return card.label
    is_debit = attempt.charge_id.startswith(BANK_DEBIT)
    if attempt.is_by_customer:
        return (
            _("Bank account entered on the Pay page")
            if is_debit
            else _("Card entered on the Pay page")
        )
    unnamed = _("Bank account") if is_debit else _("Card")
    if any(bill.issued_at <= at <= attempt.started_at for at in replaced):
        return unnamed
    return bill.card_label or unnamed
