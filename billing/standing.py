"""How bills stand on a day: paid, being paid, overdue or open. What is paid, the ledger says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Case, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.money import Money
from billing.models import Collection
from billing.models.bill import BillQuerySet
from billing.services import ledger
from billing.statement import open_items


class Standing(models.TextChoices):
    """How one bill's own charges stand."""

    PAID = "paid", _("Paid")
    PROCESSING = "processing", _("Processing")
    OVERDUE = "overdue", _("Overdue")
    OPEN = "open", _("Open")


@dataclass(frozen=True, slots=True)
class Owed:
    """What an account owes on a day: all of it, the part past its due date, and the next date."""

    amount: Money
    overdue: Money
    due_on: dt.date | None


def billing_day(now: dt.datetime) -> dt.date:
    """Return the date of the aware `now` in the billing time zone."""
    return now.astimezone(ZoneInfo(settings.BILLING_TIME_ZONE)).date()


def with_standing(bills: BillQuerySet, *, today: dt.date) -> BillQuerySet:
    """Annotate `unpaid_cents` and `standing`, as of `today` in the billing time zone."""
    return bills.with_unpaid().annotate(
        standing=Case(
            When(unpaid_cents__lte=0, then=Value(Standing.PAID)),
            When(collection__state=Collection.State.PROCESSING, then=Value(Standing.PROCESSING)),
            When(due_on__lt=today, then=Value(Standing.OVERDUE)),
            default=Value(Standing.OPEN),
        )
    )


def owed_by(account: Account, *, today: dt.date) -> Owed:
    """Sum up what `account` owes as of `today` in the billing time zone.

    The amount is the ledger's balance, below zero where the account has credit; `due_on` is the
    nearest due date still ahead, None where nothing is due.
    """
    unpaid = open_items(account)
    overdue = sum(cents for due_on, cents in unpaid if due_on < today)
    return Owed(
        amount=Money(ledger.balance_cents(account), account.currency),
        overdue=Money(overdue, account.currency),
        due_on=min((due_on for due_on, _ in unpaid if due_on >= today), default=None),
    )
