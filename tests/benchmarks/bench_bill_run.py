"""The bill run per 1,000 accounts: issuing alone, by one process and by two.

Run it with `./portal test tests/benchmarks/bench_bill_run.py -s`. It prints; it asserts only that
every account got its bill.
"""

import time

import pytest

from accounts.periods import Month
from billing.gateway import gateway
from billing.models import AccountPlan, Bill, BillJob
from billing.services import runs
from billing.services.issue import opens_at
from conferences.models import Conference
from tests import make
from tests.children import run_together

ACCOUNTS = 1000
SESSIONS_EACH = 10
MARCH, APRIL, MAY = (Month(2026, month, "America/New_York") for month in (3, 4, 5))


@pytest.mark.django_db(transaction=True)
def test_bill_run_per_thousand_accounts():
    add_customers()

    with_calls = measured(MARCH, processes=1)
    alone = measured(APRIL, processes=1)
    together = measured(MAY, processes=2)

    print(f"\n{ACCOUNTS} accounts, {SESSIONS_EACH} sessions of 5 legs each, one process")
    print(f"  {with_calls:6.1f} s, {1000 * with_calls / ACCOUNTS:.1f} ms a bill")
    print("a month without calls, one process and two")
    print(f"  {alone:6.1f} s and {together:.1f} s, ratio {alone / together:.2f}")
    assert Bill.objects.count() == 3 * ACCOUNTS


def add_customers():
    plan = make.rate_plan()
    for number in range(ACCOUNTS):
        account = make.account(terms="check")
        AccountPlan.objects.create(account=account, plan=plan, starts_on=account.activated_on)
        conference = Conference.objects.create(account=account, name="Line", number=f"9{number:06}")
        for day in range(SESSIONS_EACH):
            started_at = MARCH.start.replace(day=day + 2)
            make.session(conference=conference, started_at=started_at, legs=[(600, "local")] * 5)


def measured(month, *, processes):
    """Return the seconds in which so many processes issue every bill of `month`."""
    now = opens_at(month)
    runs.open_runs(month, now=now)
    began = time.perf_counter()
    run_together(
        *[lambda start=start: issue_share(month, start, processes) for start in range(processes)]
    )
    return time.perf_counter() - began


def issue_share(month, start, step):
    for pk in list(BillJob.objects.waiting().values_list("pk", flat=True))[start::step]:
        runs.issue_job(pk, gateway=gateway(), now=opens_at(month))
