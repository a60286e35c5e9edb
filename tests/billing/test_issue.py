"""Issuing a bill: what it says, and that it is frozen."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from accounts.periods import Month
from billing.models import Bill, BilledLeg, BillLine, Rate
from billing.rating import MissingRate
from billing.services import ledger
from billing.services.issue import MonthStillOpen, issue_bill
from conferences.models import AccessType
from tests import make

MARCH = Month(2026, 3, "America/New_York")
APRIL = MARCH.next()
MINUTE = dt.timedelta(minutes=1)
GRACE = dt.timedelta(hours=6)
AFTER_MARCH = MARCH.end + GRACE
AFTER_APRIL = APRIL.end + GRACE


def lines(bill):
    return list(bill.lines.values_list("conference_name", "participants", "minutes", "cost_cents"))


def test_open_month_is_refused_until_the_grace_is_over(account):
    with pytest.raises(MonthStillOpen):
        issue_bill(account, MARCH, now=AFTER_MARCH - dt.timedelta(seconds=1))

    assert issue_bill(account, MARCH, now=AFTER_MARCH).month == MARCH


def test_bill_has_a_line_per_session_and_rate(account, conference):
    legs = [(61, AccessType.TOLL_FREE), (600, AccessType.TOLL_FREE), (59, AccessType.LOCAL)]
    make.session(conference=conference, legs=legs)

    bill = issue_bill(account, MARCH, now=AFTER_MARCH)

    assert lines(bill) == [("Weekly meeting", 1, 1, 3), ("Weekly meeting", 2, 12, 59)]
    assert bill.current_charges_cents == bill.amount_due_cents == 62


def test_account_without_calls_gets_a_bill_of_nothing(account):
    bill = issue_bill(account, MARCH, now=AFTER_MARCH)

    assert (lines(bill), bill.amount_due_cents) == ([], 0)
    assert ledger.last_entry_pk(account) == 0


def test_issuing_twice_returns_the_first_bill(account, conference):
    make.session(conference=conference)
    first = issue_bill(account, MARCH, now=AFTER_MARCH)

    again = issue_bill(account, MARCH, now=AFTER_MARCH + MINUTE)

    assert again == first
    assert Bill.objects.count() == 1


def test_session_belongs_to_the_month_in_which_its_last_leg_ended(account, conference):
    over_the_end = MARCH.end - 5 * MINUTE
    make.session(conference=conference, started_at=over_the_end, legs=[(299, "local")])
    make.session(conference=conference, started_at=over_the_end, legs=[(300, "local")])

    march = issue_bill(account, MARCH, now=AFTER_MARCH)
    april = issue_bill(account, APRIL, now=AFTER_APRIL)

    assert [bill.lines.count() for bill in (march, april)] == [1, 1]


def test_late_leg_goes_dated_on_the_next_bill(account, conference):
    held = make.session(conference=conference, legs=[(600, "local")])
    issue_bill(account, MARCH, now=AFTER_MARCH)
    make.add_legs(held, (120, "local"))

    april = issue_bill(account, APRIL, now=AFTER_APRIL)

    assert [(line.started_at, line.minutes) for line in april.lines.all()] == [(held.started_at, 2)]
    assert BilledLeg.objects.count() == 2


def test_statement_carries_the_last_bill_on(account, conference):
    account.terms = "check"
    account.save()
    make.session(conference=conference, legs=[(6000, "local")])  # 100 minutes: $2.90
    issue_bill(account, MARCH, now=AFTER_MARCH)
    make.check(account, check_number="1", amount_cents=100, now=AFTER_MARCH + MINUTE)
    make.session(conference=conference, started_at=APRIL.start, legs=[(600, "local")])

    bill = issue_bill(account, APRIL, now=AFTER_APRIL)

    assert bill.last_bill_cents == 290
    assert bill.paid_cents == 100
    assert (bill.overdue_cents, bill.not_yet_due_cents) == (0, 190)  # due on May 1 only
    assert bill.current_charges_cents == 29
    assert bill.amount_due_cents == 219
    assert bill.due_on == dt.date(2026, 5, 31)


def test_unpaid_card_bill_is_overdue_on_the_next(account, conference):
    make.session(conference=conference, legs=[(6000, "local")])
    issue_bill(account, MARCH, now=AFTER_MARCH)

    bill = issue_bill(account, APRIL, now=AFTER_APRIL)

    assert (bill.overdue_cents, bill.not_yet_due_cents, bill.amount_due_cents) == (290, 0, 290)


def test_credit_larger_than_the_charges_leaves_nothing_to_pay(account, conference):
    make.check(account, check_number="1", amount_cents=1000, now=MARCH.start)
    make.session(conference=conference, legs=[(6000, "local")])

    bill = issue_bill(account, MARCH, now=AFTER_MARCH)

    assert (bill.credits_cents, bill.amount_due_cents) == (1000, -710)
    assert not hasattr(bill, "collection")


def test_missing_rate_refuses_the_bill_and_leaves_nothing_behind(account, conference):
    Rate.objects.filter(access_type="local").delete()
    make.session(conference=conference, legs=[(60, "toll_free"), (60, "local")])

    with pytest.raises(MissingRate, match="no local rate for 'Weekly meeting' on 2026-03-10"):
        issue_bill(account, MARCH, now=AFTER_MARCH)

    assert (Bill.objects.count(), BillLine.objects.count(), BilledLeg.objects.count()) == (0, 0, 0)


def test_refused_bill_leaves_no_gap_in_the_numbers(account, conference, stranger):
    first = issue_bill(account, MARCH, now=AFTER_MARCH)
    with transaction.atomic():
        issue_bill(stranger.account, MARCH, now=AFTER_MARCH)
        transaction.set_rollback(True)

    second = issue_bill(stranger.account, MARCH, now=AFTER_MARCH)

    assert second.number == first.number + 1


def test_renamed_conference_keeps_its_name_on_the_bill(account, conference):
    make.session(conference=conference)
    bill = issue_bill(account, MARCH, now=AFTER_MARCH)

    conference.name = "Renamed"
    conference.save()

    assert [line.conference_name for line in bill.lines.all()] == ["Weekly meeting"]


def test_bill_keeps_the_countries_of_both_and_what_the_operator_is_registered_by(account, settings):
    settings.OPERATOR_COUNTRY, settings.OPERATOR_REGISTRATION = "IE", "123456"
    account.country = "CA"
    account.save()

    bill = issue_bill(account, MARCH, now=AFTER_MARCH)

    assert bill.account_country == "CA"
    assert (bill.operator_country, bill.operator_registration) == ("IE", "123456")


def test_database_refuses_a_line_for_an_issued_bill(account, conference):
    make.session(conference=conference)
    line = issue_bill(account, MARCH, now=AFTER_MARCH).lines.get()
    line.pk, line.position, line.rate_per_minute, line.cost_cents = None, 2, 0, 0

    with pytest.raises(DatabaseError, match="no line can join"), transaction.atomic():
        line.save(force_insert=True)


def test_database_refuses_a_bill_that_is_not_the_sum_of_its_lines(account, conference):
    one_line = [(conference, 1, 10, "0.05")]

    with pytest.raises(DatabaseError, match="not the sum of its lines"):
        make.frozen_bill(
            account=account, lines=one_line, current_charges_cents=51, amount_due_cents=51
        )
