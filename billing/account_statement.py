"""The statement of an account: every entry of its books in a time, with the balance after each.

It is the ledger read out: the balance at the start, each entry as it stands there, and so the
balance at the end. Days are those of the billing zone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.ageing import ageing
from billing.models import JournalEntry
from billing.payments import Described, day_of, describe
from billing.services import ledger

#: What the ageing report's columns of debt are called to the customer.
AGES = (
    _("Not yet due"),
    _("1–30 days overdue"),
    _("31–60 days overdue"),
    _("61–90 days overdue"),
    _("Over 90 days overdue"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: what it is, what it adds to what is owed or takes off, and the balance then."""

    entry: JournalEntry
    described: Described
    balance_cents: int

    @property
    def day(self) -> dt.date:
        """The day of the billing zone on which it was booked."""
        return day_of(self.entry)

    @property
    def charge_cents(self) -> int:
        return max(self.entry.receivable_cents, 0)

    @property
    def credit_cents(self) -> int:
        return max(-self.entry.receivable_cents, 0)


@dataclass(frozen=True, slots=True)
class Age:
    """What of the balance is so old."""

    label: str
    cents: int


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """An account's books from day to day; `ages` and the unapplied credit make the balance."""

    account: Account
    since: dt.date
    until: dt.date
    opening_cents: int
    lines: Sequence[Line]
    ages: Sequence[Age]

    @property
    def zone(self) -> str:
        return settings.BILLING_TIME_ZONE

    @property
    def closing_cents(self) -> int:
        return self.lines[-1].balance_cents if self.lines else self.opening_cents

    @property
    def charges_cents(self) -> int:
        return sum(line.charge_cents for line in self.lines)

    @property
    def credits_cents(self) -> int:
        return sum(line.credit_cents for line in self.lines)

    @property
    def unapplied_cents(self) -> int:
        """Credit that settles nothing yet."""
        return sum(aged.cents for aged in self.ages) - self.closing_cents


def statement_between(account: Account, since: dt.date, until: dt.date) -> AccountStatement:
    """Read out the books from the first instant of `since` to the last of `until`.

    The newest entry is noted first: whatever is booked meanwhile is in none of the sums.
    """
    start, end = _midnight(since), _midnight(until + dt.timedelta(days=1))
    newest = ledger.last_entry_pk(account)
    journal = account.journal.with_receivable().filter(pk__lte=newest)
    opening = journal.filter(booked_at__lt=start).aggregate(cents=Sum("receivable_cents"))["cents"]
    entries = list(
        journal.filter(booked_at__gte=start, booked_at__lt=end)
        .exclude(receivable_cents=0)
        .select_related("account", "about__account")
    )
    described = describe(entries)
    balances = accumulate((entry.receivable_cents for entry in entries), initial=opening or 0)
    opening, *after = balances
    lines = [
        Line(entry, described[entry.pk], balance)
        for entry, balance in zip(entries, after, strict=True)
    ]
    ages = _ages(account, on=until, up_to=newest)
    return AccountStatement(account, since, until, opening, lines, ages)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(settings.BILLING_TIME_ZONE))


def _ages(account: Account, *, on: dt.date, up_to: int) -> list[Age]:
    aged = ageing(on=on, account=account, up_to=up_to)
    cents = aged[0].cents[: len(AGES)] if aged else [0] * len(AGES)
    return [Age(label, owed) for label, owed in zip(AGES, cents, strict=True)]
