"""Rating a million legs set-wise in SQL, beside the same rating by the ORM and Decimal in a loop.

Run it with `./portal test tests/benchmarks/bench_rating.py -s`. It prints the ratio; it asserts
that both come to the same cents.
"""

import time
from collections import defaultdict
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import transaction

from billing import rating
from billing.models import AccountPlan, BilledLeg, BillLine, Rate
from conferences.models import Leg
from tests.benchmarks.million import LEGS, MARCH, add_million_legs
from tests.billing.reference import cents_of

#: How many of the accounts the loop is measured on.
SAMPLE = 20


@pytest.mark.django_db
def test_rating_in_sql_beside_a_loop():
    accounts = add_million_legs()
    each = LEGS // len(accounts)

    total = sum(timed(cents_by_sql, account)[0] for account in accounts)

    print(f"\n{LEGS:,} legs of {len(accounts)} accounts, rated in SQL: {total:.1f} s")
    print(f"An account of {each:,} legs, median of {SAMPLE}:")
    compare("rated", cents_by_sql, cents_by_loop, accounts[:SAMPLE], each)
    compare("frozen", frozen_by_sql, frozen_by_loop, accounts[:SAMPLE], each)


def compare(done, by_sql, by_loop, accounts, legs):
    """Print how long each way takes, account by account in turns; both must agree."""
    pairs = [(timed(by_sql, account), timed(by_loop, account)) for account in accounts]
    in_sql = median(seconds for (seconds, _), _ in pairs)
    in_loop = median(seconds for _, (seconds, _) in pairs)
    print(f"  {done} in SQL            {1000 * in_sql:6.0f} ms  {legs / in_sql:9,.0f} legs/s")
    print(f"  {done} by ORM, Decimal   {1000 * in_loop:6.0f} ms  {legs / in_loop:9,.0f} legs/s")
    print(f"  ratio                 {in_loop / in_sql:9.1f}")
    assert [cents for (_, cents), _ in pairs] == [cents for _, (_, cents) in pairs]


def timed(rate, account):
    """Return the seconds it takes to rate `account`, and what it then owes."""
    began = time.perf_counter()
    cents = rate(account)
    return time.perf_counter() - began, cents


def cents_by_sql(account):
    return sum(line.cost_cents for line in rating.unbilled_lines(account, until=MARCH.end))


def frozen_by_sql(account):
    with transaction.atomic():
        cents = rating.freeze_lines(account, until=MARCH.end, bill_pk=account.pk)
        transaction.set_rollback(True)
    return cents


def cents_by_loop(account):
    return sum(cents_of(minutes_of(legs) * rate) for (_, rate), legs in legs_by_line(account))


def frozen_by_loop(account):
    """Write the lines and what they billed as one would with the ORM, in bulk."""
    lines, billed = [], []
    for position, ((session, rate), legs) in enumerate(legs_by_line(account), start=1):
        minutes = minutes_of(legs)
        line = BillLine(
            bill_id=account.pk,
            position=position,
            session=session,
            conference=session.conference,
            conference_name=session.conference.name,
            conference_number=session.conference.number,
            started_at=session.started_at,
            access_types=sorted({leg.access_type for leg in legs}),
            participants=len(legs),
            minutes=minutes,
            rate_per_minute=rate,
            cost_cents=cents_of(minutes * rate),
        )
        lines.append(line)
        billed += [BilledLeg(leg=leg, line=line) for leg in legs]
    with transaction.atomic():
        BillLine.objects.bulk_create(lines)
        for one in billed:
            one.line_id = one.line.pk
        BilledLeg.objects.bulk_create(billed)
        transaction.set_rollback(True)
    return sum(line.cost_cents for line in lines)


def minutes_of(legs):
    return sum(leg.minutes for leg in legs)


def legs_by_line(account):
    """Rate leg by leg, as one would without thinking of sets; rates are read once."""
    plans = AccountPlan.objects.filter(account=account)
    rates = list(Rate.objects.filter(plan__in=plans.values("plan")).order_by("starts_on"))
    zone = ZoneInfo(settings.BILLING_TIME_ZONE)
    legs = Leg.objects.filter(
        session__conference__account=account, session__ended_at__lt=MARCH.end, billed=None
    )
    by_line = defaultdict(list)
    for leg in legs.select_related("session__conference").iterator():
        day = leg.session.ended_at.astimezone(zone).date()
        begun = [rate for rate in rates if rate.starts_on <= day]
        rate = [one for one in begun if one.access_type == leg.access_type][-1]
        by_line[leg.session, rate.rate_per_minute].append(leg)
    return by_line.items()
