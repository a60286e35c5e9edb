"""Waiving the late fee of a bill: once, in time, with its reason in the log."""

import datetime as dt

import pytest

from accounts.actors import Actor
from accounts.models import AuditEntry
from billing.models import BillCharge, LateFeeWaiver
from billing.services.late_fees import LateFeeCharged, NotOverdue, waive
from tests import make

#: The bill of March is due on May 1; that of May is issued on June 1.
LATE = dt.datetime(2026, 5, 2, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill():
    make.late_fee(grace_days=0)
    account = make.account(terms="check", plan=make.rate_plan(local="1"))
    return make.issued(account, "2026-03", dollars=100)


def let_off(bill, staff, *, now=LATE, reason="Our fault"):
    return waive(bill, reason=reason, by=Actor(user=staff), now=now)


def later_bills(bill):
    return [make.issued(bill.account, month, dollars=0) for month in ("2026-04", "2026-05")]


def test_waived_late_fee_is_never_charged(bill, staff):
    let_off(bill, staff)

    later_bills(bill)

    assert not BillCharge.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.account, entry.after) == (
        "waived the late fee of", bill.account, {"reason": "Our fault"},
    )  # fmt: skip


def test_bill_whose_late_fee_is_not_waived_is_charged(bill):
    """The control."""
    later_bills(bill)

    assert BillCharge.objects.get().late_bill == bill


def test_waiving_twice_is_one_waiver(bill, staff):
    first = let_off(bill, staff)

    assert let_off(bill, staff, reason="Again") == first
    assert LateFeeWaiver.objects.get().reason == "Our fault"
    assert AuditEntry.objects.count() == 1


def test_charged_late_fee_is_not_waived(bill, staff):
    later_bills(bill)

    with pytest.raises(LateFeeCharged) as refused:
        let_off(bill, staff, now=LATE + dt.timedelta(days=60))

    assert refused.value.charge == BillCharge.objects.get()
    assert not LateFeeWaiver.objects.exists()


def test_bill_that_is_not_due_yet_has_no_late_fee_to_waive(bill, staff):
    with pytest.raises(NotOverdue):
        let_off(bill, staff, now=LATE - dt.timedelta(days=1))


def test_paid_bill_has_no_late_fee_to_waive(bill, staff):
    make.check(bill.account, check_number="1", amount_cents=10_000, now=bill.issued_at)

    with pytest.raises(NotOverdue):
        let_off(bill, staff)
