"""Reminders: in time, once for each fact, and only where somebody has to pay."""

import datetime as dt

import pytest

from accounts.letters import NoLongerWanted, written
from accounts.models import Letter, Terms
from billing.models import Collection
from billing.services.reminders import remind
from tests import make

DUE_ON = dt.date(2026, 5, 1)


@pytest.fixture
def bill(plan):
    """A check payer's bill of $25.00, due on May 1; an Admin and a person of AR read it."""
    account = make.account(name="Aurora Robotics", terms=Terms.CHECK, plan=plan)
    make.user(account=account, role="admin", email="admin@aurora.example")
    make.user(account=account, role="billing", email="ar@aurora.example")
    make.user(account=account, role="schedule", email="schedule@aurora.example")
    bill = make.issued(account, "2026-03", dollars=25)
    assert bill.due_on == DUE_ON
    return bill


def day(overdue):
    """Return noon of the day that is so many days after the due date."""
    return dt.datetime.combine(DUE_ON + dt.timedelta(days=overdue), dt.time(16), dt.UTC)


def remind_on(*days):
    """Run the timetable on these days past the due date; list on which of them it wrote what."""
    said = []
    for overdue in days:
        before = set(Letter.objects.values_list("pk", flat=True))
        remind(now=day(overdue))
        kinds = Letter.objects.exclude(pk__in=before).values_list("kind", flat=True)
        said += [(overdue, kind) for kind in sorted(set(kinds))]
    return said


def test_readers_are_reminded_5_days_ahead_and_1_15_and_30_days_overdue(bill):
    said = remind_on(*range(-30, 100))

    assert said == [
        (-5, "bill_due_soon"),
        (1, "bill_overdue"),
        (15, "bill_overdue"),
        (30, "bill_overdue"),
    ]
    assert Letter.objects.count() == 8
    assert set(Letter.objects.values_list("email", flat=True)) == {
        "admin@aurora.example", "ar@aurora.example",
    }  # fmt: skip


def test_same_day_again_writes_nothing_more(bill):
    assert remind(now=day(1)) == 2
    assert remind(now=day(1)) == 0


def test_days_that_the_timetable_missed_are_made_up_for_by_the_newest(bill):
    assert remind_on(-2, 17, 18, 44) == [
        (-2, "bill_due_soon"),
        (17, "bill_overdue"),
        (44, "bill_overdue"),
    ]


def test_bill_that_is_long_overdue_is_left_to_staff(bill):
    assert remind_on(46, 400) == []


def test_paid_bill_is_not_reminded_of(bill):
    make.check(bill.account, check_number="1", amount_cents=2500, now=day(-10))

    assert remind_on(-5, 1) == []


@pytest.mark.parametrize(("paid", "said"), [(2400, [(1, "bill_overdue")]), (2401, [])])
def test_less_than_a_dollar_is_not_worth_a_letter(bill, paid, said):
    make.check(bill.account, check_number="1", amount_cents=paid, now=day(-10))

    assert remind_on(1) == said


def collection_of(bill, **fields):
    return Collection.objects.create(
        bill=bill, amount_cents=2500, currency="USD", updated_at=day(0), **fields
    )


def test_payment_that_is_processing_is_waited_for(bill):
    collection = collection_of(bill, state="processing", is_automatic=False)
    assert remind_on(1) == []

    collection.state = "declined"
    collection.save()
    assert remind_on(2) == [(2, "bill_overdue")]


def test_card_that_is_still_tried_is_waited_for_until_it_is_given_up(bill):
    make.card(account=bill.account)
    collection = collection_of(bill, state="declined", next_try_at=day(3))
    assert remind_on(1) == []

    collection.next_try_at, collection.flagged_at = None, day(14)
    collection.save()
    assert remind_on(15) == [(15, "bill_overdue")]


def test_card_payer_without_a_card_is_reminded_only_once_overdue(plan):
    account = make.account(name="Boreal", terms=Terms.CARD, plan=plan)
    make.user(account=account, role="admin")
    bill = make.issued(account, "2026-03", dollars=25)

    said = remind_on(*range((bill.due_on - DUE_ON).days - 6, 0))

    assert [kind for _, kind in said] == ["bill_overdue"] * 2


def test_letters_say_what_is_due_and_how_to_pay(bill):
    make.check(bill.account, check_number="1", amount_cents=500, now=day(-10))
    remind(now=day(-5))
    remind(now=day(1))

    soon, overdue = (
        written(Letter.objects.filter(kind=kind).first())
        for kind in ("bill_due_soon", "bill_overdue")
    )

    assert soon.subject == f"Bill {bill.label} is due on May 1, 2026"
    assert f"$20.00 of bill {bill.label} of Aurora Robotics is due on May 1, 2026" in soon.body
    assert overdue.subject == f"Bill {bill.label} is overdue"
    assert bill.get_absolute_url() in overdue.body
    assert "/pay/" in overdue.body


def test_letter_about_what_was_paid_meanwhile_is_not_sent(bill):
    remind(now=day(1))
    make.check(bill.account, check_number="1", amount_cents=2500, now=day(1))

    with pytest.raises(NoLongerWanted):
        written(Letter.objects.first())


def test_many_accounts_cost_no_more_questions(bill, plan, django_assert_num_queries):
    for name in "ABC":
        make.issued(make.account(name=name, terms=Terms.CHECK, plan=plan), "2026-03", dollars=9)
    remind(now=day(1))

    with django_assert_num_queries(3):
        remind(now=day(1))
