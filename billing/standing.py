"""How bills stand on a day: paid, being paid, overdue or open. What is paid, the ledger says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, Value, When
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
    """What an account owes on a day: all of it, the part past its due date, and the next date.

    What of it is on its way is not overdue.
    """

    amount: Money
    on_its_way: Money
    overdue: Money
    due_on: dt.date | None


def billing_day(now: dt.datetime) -> dt.date:
    """Return the date of the aware `now` in the billing time zone."""
    return now.astimezone(ZoneInfo(settings.BILLING_TIME_ZONE)).date()


def with_standing(bills: BillQuerySet, *, today: dt.date) -> BillQuerySet:
    """Annotate `unpaid_cents` and `standing`, as of `today` in the billing time zone."""
    on_its_way = Collection.objects.on_its_way()
    return bills.with_unpaid().annotate(
        standing=Case(
            When(unpaid_cents__lte=0, then=Value(Standing.PAID)),
            When(Exists(on_its_way), then=Value(Standing.PROCESSING)),
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
    on_its_way = _on_its_way_cents(account)
    return Owed(
        amount=Money(ledger.balance_cents(account), account.currency),
        on_its_way=Money(on_its_way, account.currency),
        overdue=Money(max(overdue - on_its_way, 0), account.currency),
        due_on=min((due_on for due_on, _ in unpaid if due_on >= today), default=None),
    )


def _on_its_way_cents(account: Account) -> int:
    processing = Collection.objects.filter(bill__account=account, state=Collection.State.PROCESSING)
    return sum(processing.values_list("amount_cents", flat=True))
