"""Reminders: who reads the bills is told in time that one falls due, and when it is overdue."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, Subquery, Sum

from accounts.models import Letter, Terms
from accounts.services.letters import tell
from billing.models import Bill, Book, Collection, Posting
from billing.models.bill import BillQuerySet
from billing.standing import billing_day
from users.models import User

#: How many days ahead somebody who pays by check is told that a bill falls due.
DUE_IN = 5
#: After how many days overdue people are reminded. After the last, staff take over.
OVERDUE_SINCE = (1, 15, 30)
#: A reminder that the timetable missed is sent late, but not later than this many days overdue.
OVERDUE_AT_MOST = 45
#: Less than this is not worth a letter.
LEAST_CENTS = 100


def remind(*, now: dt.datetime) -> int:
    """Queue the reminders of the day; return how many. Each is sent once, however often it runs."""
    due = list(_due(billing_day(now)))
    readers = _readers({bill.account_id for bill, _, _ in due})
    wanted = {
        f"{kind}:{key}:{reader.pk}": (reader, kind, f"{key}:{reader.pk}", bill)
        for bill, kind, key in due
        for reader in readers[bill.account_id]
    }
    known = set(Letter.objects.filter(key__in=wanted).values_list("key", flat=True))
    for reader, kind, key, bill in (wanted[key] for key in wanted if key not in known):
        tell(reader, kind, key=key, now=now, facts={"bill": bill.pk})
    return len(wanted) - len(known)


def worth_reminding(bills: BillQuerySet) -> BillQuerySet:
    """Narrow to bills that wait for somebody to pay them; annotates `unpaid_cents`.

    Not those of less than a dollar, nor of accounts of which a payment is on its way or the card
    on file is still being tried: those are told of it by the letters about the charge.
    """
    owed = (
        Posting.objects.filter(entry__account=OuterRef("account"), book=Book.RECEIVABLE)
        .values("entry__account")
        .annotate(cents=Sum("amount_cents"))
    )
    has_card = Q(bill__account__card__isnull=False, is_automatic=True, flagged_at=None)
    under_way = Collection.objects.open().filter(
        Q(state=Collection.State.PROCESSING) | has_card, bill__account=OuterRef("account")
    )
    return (
        bills.with_unpaid()
        .annotate(owed_cents=Subquery(owed.values("cents")))
        .filter(~Exists(under_way), unpaid_cents__gte=LEAST_CENTS, owed_cents__gte=LEAST_CENTS)
    )


def _due(today: dt.date) -> Iterator[tuple[Bill, str, str]]:
    """Give each bill to be reminded of, with the kind of letter and what makes it a new fact."""
    soon = Q(terms=Terms.CHECK, due_on__gt=today, due_on__lte=today + dt.timedelta(days=DUE_IN))
    overdue = Q(
        due_on__lte=today - dt.timedelta(days=OVERDUE_SINCE[0]),
        due_on__gte=today - dt.timedelta(days=OVERDUE_AT_MOST),
    )
    for bill in worth_reminding(Bill.objects.filter(soon | overdue)).order_by("number"):
        days = (today - bill.due_on).days
        if days < 0:
            yield bill, "bill_due_soon", str(bill.pk)
        else:
            since = max(since for since in OVERDUE_SINCE if since <= days)
            yield bill, "bill_overdue", f"{bill.pk}:{since}"


def _readers(accounts: set[int]) -> dict[int, list[User]]:
    """Return who reads the bills of each account."""
    readers = defaultdict(list)
    everybody = User.objects.entitled_to_bills().filter(account__in=accounts)
    for reader in everybody.select_related("account"):
        readers[reader.account_id].append(reader)
    return readers
