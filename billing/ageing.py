"""The ageing of what is owed: who owes how much for how long, as of the end of a day.

It is drawn from the ledger alone: what is booked after the day does not count, nor does what was
settled after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import Account

#: The columns of money, in their order.
BUCKETS = [
    _("Current"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("Over 90 days"),
    _("Credit not applied"), _("Owes"),
]  # fmt: skip

#: Of one account or of all, and up to a journal entry or to all.
AGEING = """
WITH entry AS MATERIALIZED (
    SELECT entry.id, entry.account_id, entry.booked_at, posting.amount_cents AS cents
    FROM billing_journalentry AS entry
    JOIN billing_posting AS posting ON posting.entry_id = entry.id AND posting.book = 'receivable'
    WHERE entry.booked_at < %(until)s AND entry.kind <> 'bill'
      AND (%(account)s IS NULL OR entry.account_id = %(account)s)
      AND (%(up_to)s IS NULL OR entry.id <= %(up_to)s)
),
bill AS MATERIALIZED (
    SELECT id, account_id, due_on, current_charges_cents AS cents
    FROM billing_bill
    WHERE issued_at < %(until)s AND (%(account)s IS NULL OR account_id = %(account)s)
      AND (%(up_to)s IS NULL OR last_entry_pk <= %(up_to)s)
),
-- Both ends must be booked by then: workers' clocks may differ by a little.
allocation AS MATERIALIZED (
    SELECT allocation.entry_id, allocation.bill_id, allocation.debit_id, allocation.amount_cents
    FROM billing_allocation AS allocation
    JOIN entry AS credit ON credit.id = allocation.entry_id
    LEFT JOIN bill ON bill.id = allocation.bill_id
    LEFT JOIN entry AS debit ON debit.id = allocation.debit_id
    WHERE allocation.allocated_at < %(until)s AND coalesce(bill.id, debit.id) IS NOT NULL
      AND (%(up_to)s IS NULL OR allocation.booked_with_id <= %(up_to)s)
),
to_bill AS (
    SELECT bill_id, sum(amount_cents)::bigint AS cents FROM allocation
    WHERE bill_id IS NOT NULL GROUP BY bill_id
),
to_debit AS (
    SELECT debit_id, sum(amount_cents)::bigint AS cents FROM allocation
    WHERE debit_id IS NOT NULL GROUP BY debit_id
),
of_credit AS (
    SELECT entry_id, sum(amount_cents)::bigint AS cents FROM allocation GROUP BY entry_id
),
item AS (
    SELECT account_id, %(on)s::date - due_on AS days,
           bill.cents - coalesce(to_bill.cents, 0) AS cents
    FROM bill LEFT JOIN to_bill ON to_bill.bill_id = bill.id
    UNION ALL
    SELECT account_id, %(on)s::date - (booked_at AT TIME ZONE %(zone)s)::date,
           entry.cents - coalesce(to_debit.cents, 0)
    FROM entry LEFT JOIN to_debit ON to_debit.debit_id = entry.id
    WHERE entry.cents > 0
    UNION ALL
    SELECT account_id, NULL, entry.cents + coalesce(of_credit.cents, 0)
    FROM entry LEFT JOIN of_credit ON of_credit.entry_id = entry.id
    WHERE entry.cents < 0
),
aged AS (
    SELECT account_id,
           coalesce(sum(cents) FILTER (WHERE days <= 0), 0)::bigint AS current_cents,
           coalesce(sum(cents) FILTER (WHERE days BETWEEN 1 AND 30), 0)::bigint AS days_30,
           coalesce(sum(cents) FILTER (WHERE days BETWEEN 31 AND 60), 0)::bigint AS days_60,
           coalesce(sum(cents) FILTER (WHERE days BETWEEN 61 AND 90), 0)::bigint AS days_90,
           coalesce(sum(cents) FILTER (WHERE days > 90), 0)::bigint AS older,
           coalesce(sum(cents) FILTER (WHERE days IS NULL), 0)::bigint AS credit,
           coalesce(sum(cents), 0)::bigint AS total
    FROM item WHERE cents <> 0
    GROUP BY account_id
)
SELECT account.id, account.number, account.name, account.currency,
       current_cents, days_30, days_60, days_90, older, credit, total
FROM aged JOIN accounts_account AS account ON account.id = aged.account_id
ORDER BY total DESC, account.number
"""


@dataclass(frozen=True, slots=True)
class Aged:
    """What one account, or all of a currency, owes: cents in the order of BUCKETS.

    The cents of credit are below zero; the last are the sum of all, and the ledger's balance.
    """

    currency: str
    cents: tuple[int, ...]
    account_pk: int | None = None
    number: str = ""
    name: str = ""

    @property
    def overdue_cents(self) -> int:
        return sum(self.cents[1:5])


def ageing(*, on: dt.date, account: Account | None = None, up_to: int | None = None) -> list[Aged]:
    """Return who owes what at the end of the day `on` in the billing zone, the most first.

    Of `account` only, if given. What was booked after the journal entry `up_to` is left out.
    """
    zone = settings.BILLING_TIME_ZONE
    until = dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
    with connection.cursor() as cursor:
        cursor.execute(
            AGEING,
            {
                "on": on,
                "until": until,
                "zone": zone,
                "account": account and account.pk,
                "up_to": up_to,
            },
        )
        return [
            Aged(account_pk=pk, number=number, name=name, currency=currency, cents=tuple(cents))
            for pk, number, name, currency, *cents in cursor.fetchall()
        ]


def totals(rows: Iterable[Aged]) -> list[Aged]:
    """Add up `rows`, each currency for itself."""
    sums: dict[str, tuple[int, ...]] = {}
    for row in rows:
        before = sums.get(row.currency, (0,) * len(BUCKETS))
        sums[row.currency] = tuple(map(sum, zip(before, row.cents, strict=True)))
    return [Aged(currency=currency, cents=cents) for currency, cents in sorted(sums.items())]


def head() -> list[str]:
    """Return the head of the report as a table."""
    return [str(title) for title in (_("Account"), _("Name"), _("Currency"), *BUCKETS)]


def table(rows: Iterable[Aged]) -> Iterator[list[str | Decimal]]:
    """Return the report's cells under `head`: amounts in whole units of the currency."""
    for row in rows:
        amounts = (Decimal(cents).scaleb(-2) for cents in row.cents)
        yield [row.number, row.name, row.currency, *amounts]
