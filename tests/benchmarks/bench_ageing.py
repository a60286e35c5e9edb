"""The ageing report and the reminders of 10,000 accounts with fourteen bills each.

Run it with `./portal test tests/benchmarks/bench_ageing.py -s`. It prints how long each takes.
"""

import datetime as dt
import time

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from accounts.periods import Month
from billing.ageing import ageing, totals
from billing.models import Book, Posting
from billing.services.reminders import remind
from tests import make
from users.models import User

ACCOUNTS, BILLS = 10_000, 14
TODAY = dt.date(2026, 5, 5)

FULL_BILL = "UPDATE billing_bill SET current_charges_cents = 10000, amount_due_cents = 10000"
#: Each bill of $100.00; the first twelve of an account are paid, and the 13th by three in four.
WORLD = [
    """
    INSERT INTO accounts_account
    SELECT (jsonb_populate_record(model, jsonb_build_object(
        'id', model.id + n, 'number', 'A' || n, 'name', 'Company ' || n))).*
    FROM accounts_account AS model, generate_series(1, %(accounts)s) AS n WHERE model.number = 'A0'
    """,
    """
    INSERT INTO billing_bill
    SELECT (jsonb_populate_record(model, jsonb_build_object(
        'id', model.id + account.id * 100 + n, 'uuid', gen_random_uuid(),
        'number', account.id * 100 + n, 'account_id', account.id,
        'month_start', model.month_start + n * interval '1 month',
        'month_end', model.month_end + n * interval '1 month',
        'issued_at', model.issued_at + n * interval '1 month',
        'due_on', (model.due_on + n * interval '1 month')::date))).*
    FROM billing_bill AS model, accounts_account AS account, generate_series(1, %(bills)s) AS n
    WHERE account.number <> 'A0'
    """,
    """
    INSERT INTO billing_journalentry (id, account_id, kind, reference, booked_at, currency, memo)
    SELECT id * 2, account_id, 'bill', 'bill:' || number, issued_at, 'USD', ''
    FROM billing_bill WHERE account_number = 'A0'
    """,
    """
    INSERT INTO billing_journalentry (id, account_id, kind, reference, booked_at, currency, memo)
    SELECT id * 2 + 1, account_id, 'payment', 'cash:' || number, issued_at + interval '20 days',
           'USD', ''
    FROM billing_bill
    WHERE account_number = 'A0' AND account_id IN (SELECT id FROM accounts_account
                                                   WHERE number <> 'A0')
      AND (number %% 100 <= 12 OR number %% 100 = 13 AND account_id %% 4 > 0)
    """,
    """
    INSERT INTO billing_posting (entry_id, book, amount_cents)
    SELECT id, 'receivable', CASE kind WHEN 'bill' THEN 10000 ELSE -10000 END
    FROM billing_journalentry
    UNION ALL
    SELECT id, CASE kind WHEN 'bill' THEN 'revenue' ELSE 'bank' END,
           CASE kind WHEN 'bill' THEN -10000 ELSE 10000 END
    FROM billing_journalentry
    """,
    """
    INSERT INTO billing_allocation (entry_id, bill_id, amount_cents, booked_with_id, allocated_at)
    SELECT id, id / 2, 10000, id, booked_at FROM billing_journalentry WHERE kind = 'payment'
    """,
]


@pytest.fixture
def world(db):
    first = make.account(name="Company 0", number="A0", terms="check")
    month = Month(2025, 1, "America/New_York")
    make.frozen_bill(account=first, month=month, current_charges_cents=0, amount_due_cents=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(FULL_BILL)
        for statement in WORLD:
            cursor.execute(statement, {"accounts": ACCOUNTS, "bills": BILLS})
        User.objects.bulk_create(
            User(email=f"{pk}@x.example", account_id=pk, role="admin", name="A", password="!")
            for pk in range(first.pk, first.pk + ACCOUNTS + 1)
        )
        cursor.execute("ANALYZE")
    return first


def timed(what, work):
    started = time.perf_counter()
    result = work()
    print(f"\n{what}: {time.perf_counter() - started:.2f} s", end="")
    return result


def test_ageing_and_reminders_of_many_accounts(world):
    rows = timed("ageing of today", lambda: ageing(on=TODAY))
    timed("ageing of half a year ago", lambda: ageing(on=dt.date(2025, 11, 1)))
    now = dt.datetime.combine(TODAY, dt.time(12), dt.UTC)
    first = timed("reminders", lambda: remind(now=now))
    again = timed(f"{first} letters queued; reminders again", lambda: remind(now=now))

    owed = Posting.objects.filter(book=Book.RECEIVABLE).aggregate(cents=Sum("amount_cents"))
    assert totals(rows)[0].cents[-1] == owed["cents"]
    assert (first, again) == (ACCOUNTS + ACCOUNTS // 4, 0)
