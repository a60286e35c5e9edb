"""Several processes at once: one bill each, numbers without a gap, money taken once."""

import time

import pytest
from django.db import connection

from accounts.models import Account
from accounts.periods import Month
from billing.gateway import gateway
from billing.models import Bill, BilledLeg, BillJob
from billing.services import ledger, runs, sweep
from billing.services.issue import opens_at
from billing.verification import books
from conferences.models import Leg
from tests import make
from tests.children import fork, run_together, wait

MARCH = Month(2026, 3, "America/New_York")
NOW = opens_at(MARCH)

pytestmark = pytest.mark.django_db(transaction=True)


def issue_all():
    runs.open_runs(MARCH, now=NOW)
    for _ in runs.issue_waiting(gateway=gateway(), now=NOW):
        pass


def issue_share(start, step):
    """Issue every `step`-th account's bill, beginning with number `start`."""
    for pk in list(BillJob.objects.order_by("pk").values_list("pk", flat=True))[start::step]:
        runs.issue_job(pk, gateway=gateway(), now=NOW)


def numbers():
    return list(Bill.objects.order_by("number").values_list("number", flat=True))


def many_accounts(count):
    """`count` accounts with two calls each, made in sets."""
    plan = make.rate_plan(local="0.029")
    first = make.account(plan=plan, terms="check")
    make.session(conference=make.conference(account=first), legs=[(61, "local")])
    make.session(conference=make.conference(account=first), legs=[(600, "local")])
    for _ in range(count - 1):
        make.account(plan=plan, terms="check")


def test_two_runs_at_once_bill_each_account_once():
    many_accounts(20)

    run_together(issue_all, issue_all)

    assert numbers() == list(range(1, 21))
    assert BilledLeg.objects.count() == Leg.objects.count() == 2


@pytest.mark.parametrize("bills", [200, pytest.param(2000, marks=pytest.mark.full)])
def test_eight_processes_issue_numbers_without_a_gap(bills):
    many_accounts(bills)
    runs.open_runs(MARCH, now=NOW)

    run_together(*[lambda start=start: issue_share(start, 8) for start in range(8)])

    assert numbers() == list(range(1, bills + 1))


def test_number_drawn_without_its_lock_would_be_given_twice(monkeypatch):
    """The control: numbers taken from the highest so far collide between processes."""
    many_accounts(60)
    runs.open_runs(MARCH, now=NOW)

    def unlocked_number():
        highest = Bill.objects.order_by("-number").first()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01)")
        return highest.number + 1 if highest else 1

    monkeypatch.setattr(ledger, "next_bill_number", unlocked_number)
    children = [fork(lambda start=start: issue_share(start, 4)) for start in range(4)]
    assert {wait(pid) for pid in children} == {0}

    assert BillJob.objects.waiting().exists()  # held: their number was given to another bill


def collect_all():
    for _ in sweep.collect_due(gateway=gateway(), now=NOW):
        pass


def test_many_sweeps_at_once_charge_a_card_once(stripe_standin):
    account = make.account(plan=make.rate_plan())
    make.stripe_card(account)
    make.issued(account, "2026-03", dollars=10)

    run_together(*[collect_all] * 4)
    collect_all()

    assert stripe_standin.charges() == [1000]
    assert ledger.balance_cents(Account.objects.get()) == 0


def enter_checks(account, *numbers):
    for number in numbers:
        make.check(account, check_number=str(number), amount_cents=600, now=NOW)


def billed_account():
    """Owes $10.00 by a bill."""
    account = make.account(terms="check", plan=make.rate_plan(local="0.10"))
    make.session(conference=make.conference(account=account), legs=[(6000, "local")])
    issue_all()
    return account


def findings():
    return [one.check.name for one in books.verify(now=NOW) if one.check.serious]


def test_checks_entered_at_once_settle_a_bill_once():
    account = billed_account()

    run_together(*[lambda start=start: enter_checks(account, start, start + 1) for start in (1, 2)])

    assert ledger.balance_cents(account) == 1000 - 3 * 600
    assert findings() == []


def test_without_the_lock_of_the_account_checks_at_once_settle_a_bill_twice(monkeypatch):
    """The control."""
    account = billed_account()
    apply_credit = ledger.apply_credit

    def slowly(account, *, now):
        apply_credit(account, now=now)
        time.sleep(0.3)

    monkeypatch.setattr(ledger, "lock", lambda pk: Account.objects.get(pk=pk))
    monkeypatch.setattr(ledger, "apply_credit", slowly)
    run_together(lambda: enter_checks(account, 1), lambda: enter_checks(account, 2))

    assert "allocations_fit_what_they_settle" in findings()
