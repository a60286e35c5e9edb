"""What a bill charges beside calls: fees by days, surcharges, taxes and late fees."""

import datetime as dt

import pytest

from accounts.periods import Month
from billing.gateway import gateway
from billing.models import BillCharge, Book, JournalEntry, LateFeeWaiver, Posting
from billing.services import runs
from billing.services.issue import issue_bill, opens_at
from billing.verification import books
from tests import make

MARCH = Month(2026, 3, "America/New_York")
APRIL = MARCH.next()


pytestmark = pytest.mark.django_db


def bill_of(account, month=MARCH, *, dollars=0):
    if dollars:
        return make.issued(account, str(month), dollars=dollars)
    return issue_bill(account, month, now=opens_at(month))


def charges(bill):
    return list(bill.charges.values_list("name", "amount_cents"))


def test_fee_of_the_plan_is_charged_beside_the_calls(account, plan):
    make.fee(plan=plan, name="Monthly service", amount_cents=1995)

    bill = bill_of(account, dollars=10)

    assert charges(bill) == [("Monthly service", 1995)]
    assert bill.current_charges_cents == bill.amount_due_cents == 2995


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "days", "cents"),
    [
        ("2026-01-01", None, 31, 3100),
        ("2026-03-01", "2026-03-31", 31, 3100),
        ("2026-03-31", None, 1, 100),
        ("2026-03-10", "2026-03-12", 3, 300),
        ("2025-01-01", "2026-03-01", 1, 100),
    ],
)
def test_fee_is_charged_for_the_days_it_ran(account, plan, starts_on, ends_on, days, cents):
    make.fee(plan=plan, amount_cents=3100, starts_on=starts_on, ends_on=ends_on)

    charge = bill_of(account).charges.get()

    assert (charge.days, charge.days_of_month, charge.amount_cents) == (days, 31, cents)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"), [("2026-04-01", None), ("2025-01-01", "2026-02-28")]
)
def test_fee_of_other_months_is_not_charged(account, plan, starts_on, ends_on):
    make.fee(plan=plan, starts_on=starts_on, ends_on=ends_on)

    assert charges(bill_of(account)) == []


@pytest.mark.parametrize(
    ("month", "cents"), [("2026-02", 54), ("2024-02", 52), ("2026-04", 50), ("2026-03", 48)]
)
def test_share_of_a_month_is_rounded_half_up(month, cents):
    """One day's worth of $15.00, in months of 28, 29, 30 and 31 days."""
    month = Month.parse(month, MARCH.zone)
    account = make.account(activated_on=month.last_day)
    make.fee(account=account, amount_cents=1500)

    assert charges(bill_of(account, month)) == [("Service fee", cents)]


def test_account_that_came_or_left_within_the_month_pays_for_its_days(plan):
    make.fee(plan=plan, amount_cents=3100)
    came = make.account(plan=plan, activated_on=dt.date(2026, 3, 22))
    moved_in = make.account(plan=plan, billed_from=dt.date(2026, 3, 30))
    left = make.account(plan=plan, closed_on=dt.date(2026, 3, 3))

    assert [charges(bill_of(one)) for one in (came, moved_in, left)] == [
        [("Service fee", 1000)], [("Service fee", 200)], [("Service fee", 300)],
    ]  # fmt: skip


def test_change_of_plan_charges_the_fees_of_both_by_days(account, plan):
    other = make.rate_plan(local="1")
    make.fee(plan=plan, name="Small", amount_cents=3100)
    make.fee(plan=other, name="Large", amount_cents=6200)
    account.plans.create(plan=other, starts_on=dt.date(2026, 3, 11))

    assert charges(bill_of(account)) == [("Large", 4200), ("Small", 1000)]


def test_fees_of_other_accounts_and_plans_are_not_charged(account, stranger):
    make.fee(account=stranger.account)
    make.fee(plan=make.rate_plan(local="1"))

    assert charges(bill_of(account)) == []


def test_plan_in_another_currency_has_no_fees_for_the_account(account, plan):
    plan.currency = "EUR"
    plan.save()
    make.fee(plan=plan)

    assert charges(bill_of(account)) == []


def test_taxes_are_of_the_lines_that_they_name(account, plan):
    make.fee(plan=plan, amount_cents=2000)
    make.tax(kind="surcharge", name="Network", percent="10", on_fees=False)
    make.tax(name="State", percent="5", on_calls=False)
    make.tax(name="Federal", percent="1", on_surcharges=True)

    bill = bill_of(account, dollars=100)

    assert charges(bill) == [
        ("Service fee", 2000), ("Network", 1000), ("Federal", 130), ("State", 100),
    ]  # fmt: skip
    assert bill.current_charges_cents == 10_000 + 3230


@pytest.mark.parametrize(
    ("percent", "cents"), [("0.0500", 1), ("0.0499", None), ("8.8750", 89), ("0.1500", 2)]
)
def test_tax_is_rounded_once_half_up(account, percent, cents):
    make.tax(percent=percent)

    bill = bill_of(account, dollars=10)

    assert [cents for _, cents in charges(bill)] == ([cents] if cents else [])


def test_tax_falls_on_accounts_of_its_region():
    plan = make.rate_plan(local="1")
    make.tax(country="US", region="ny")
    here = make.account(plan=plan, country="US", region="NY")
    next_door = make.account(plan=plan, country="US", region="NJ")
    abroad = make.account(plan=plan, country="GB", region="NY")

    assert [len(charges(bill_of(one, dollars=10))) for one in (here, next_door, abroad)] == [
        1,
        0,
        0,
    ]


def test_tax_of_the_last_day_of_the_month_counts(account):
    make.tax(name="Old", ends_on="2026-03-30")
    make.tax(name="New", starts_on="2026-03-31", percent="6")

    assert charges(bill_of(account, dollars=10)) == [("New", 60)]


def test_exempt_account_pays_other_taxes_only(account):
    tax = make.tax(name="State")
    make.tax(name="Federal")
    account.tax_exemptions.create(tax=tax, certificate="NY-1", starts_on=MARCH.first_day)

    assert charges(bill_of(account, dollars=10)) == [("Federal", 50)]


def test_account_exempt_from_all_pays_none_until_that_ends(account):
    make.tax()
    account.tax_exemptions.create(
        certificate="501(c)(3)", starts_on=MARCH.first_day, ends_on=MARCH.last_day
    )

    march, april = bill_of(account, dollars=10), bill_of(account, APRIL, dollars=10)

    assert (charges(march), charges(april)) == ([], [("Sales tax", 50)])


def test_taxes_are_booked_apart_from_revenue(account):
    make.tax(kind="surcharge", name="Network", percent="10")
    make.tax(percent="5")

    bill_of(account, dollars=10)

    postings = Posting.objects.filter(entry__kind=JournalEntry.Kind.BILL)
    assert dict(postings.values_list("book", "amount_cents")) == {
        Book.RECEIVABLE: 1150, Book.REVENUE: -1100, Book.TAX: -50,
    }  # fmt: skip


def late_bills(account, *, paid_cents=0):
    """Let the bill of March be paid late, and return it with those of April and May."""
    march = bill_of(account, dollars=100)
    if paid_cents:
        make.check(account, check_number="1", amount_cents=paid_cents, now=march.issued_at)
    return march, bill_of(account, APRIL), bill_of(account, APRIL.next())


@pytest.fixture
def check_account():
    return make.account(terms="check", plan=make.rate_plan(local="1"))


def test_late_fee_is_charged_once_for_a_bill_paid_late(check_account):
    make.late_fee(percent="1.5", minimum_cents=100, grace_days=0)

    march, april, may = late_bills(check_account, paid_cents=2000)

    assert charges(april) == []  # due on May 1, the very day
    assert charges(may) == [(f"Late fee for bill {march}", 120)]
    assert charges(bill_of(check_account, APRIL.next().next())) == []


def test_late_fee_is_a_minimum_at_least(check_account):
    make.late_fee(percent="1.5", minimum_cents=500, grace_days=0)

    *_, may = late_bills(check_account)

    assert [cents for _, cents in charges(may)] == [500]


@pytest.mark.parametrize(("grace_days", "fees"), [(30, 1), (31, 0)])
def test_late_fee_waits_for_the_days_of_grace(check_account, grace_days, fees):
    """Due on May 1; the bill of May is issued on June 1."""
    make.late_fee(grace_days=grace_days)

    *_, may = late_bills(check_account)

    assert len(charges(may)) == fees


def test_late_fee_is_for_bills_that_fell_due_under_its_rule(check_account):
    make.late_fee(starts_on="2026-05-02", grace_days=0)

    *_, may = late_bills(check_account)

    assert charges(may) == []


def test_late_fee_is_not_reckoned_on_late_fees(check_account):
    make.late_fee(percent="10", grace_days=0)
    late_bills(check_account)
    june, july = APRIL.next().next(), APRIL.next().next().next()

    bill_of(check_account, june)

    assert charges(bill_of(check_account, july)) == []  # May's bill was nothing but a late fee


def test_waived_late_fee_is_not_charged(check_account, staff):
    make.late_fee(grace_days=0)
    march = bill_of(check_account, dollars=100)
    LateFeeWaiver.objects.create(
        bill=march, reason="Our fault", waived_by=staff, waived_at=march.issued_at
    )

    assert charges(bill_of(check_account, APRIL.next())) == []


def test_books_with_every_kind_of_charge_are_right(check_account):
    make.fee(account=check_account, starts_on="2026-03-17")
    make.tax(kind="surcharge", name="Network", percent="3.3333")
    make.tax(on_surcharges=True)
    make.late_fee(grace_days=0)
    months = [MARCH, APRIL, APRIL.next()]
    for month in months:
        line = make.conference(account=check_account)
        make.session(conference=line, started_at=month.start, legs=[(600, "local")])
        runs.open_runs(month, now=opens_at(month))
        list(runs.issue_waiting(gateway=gateway(), now=opens_at(month)))

    found = books.verify(now=opens_at(months[-1]))

    kinds = BillCharge.objects.order_by("bill__number", "position").values_list("kind", flat=True)
    each = ["fee", "surcharge", "tax"]
    assert list(kinds) == [*each, *each, *each, "late_fee", "late_fee"]
    assert [one.check.name for one in found if one.check.serious] == []
