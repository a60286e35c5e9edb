"""After a decline: tried again on days 3, 7 and 14, or never; told once; in the end for staff."""

import datetime as dt

import pytest

from accounts.letters import NoLongerWanted, written
from accounts.models import Letter
from billing.gateway import gateway
from billing.models import Attempt, Collection
from billing.services import dunning, sweep
from billing.services.collect import collect
from tests import make

FIRST = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def collection(account, admin, biller, stripe_standin):
    make.stripe_card(account)
    return Collection.objects.get(bill=make.issued(account, "2026-03", dollars=25))


@pytest.fixture
def decline(account, collection, stripe_standin):
    """Let the card on file be declined from now on, for a reason."""

    def decline(code="insufficient_funds"):
        stripe_standin.decline(account.card.payment_method_id, code)

    return decline


def sweep_on(*days):
    for day in days:
        for _ in sweep.collect_due(gateway=gateway(), now=FIRST + day * DAY):
            pass


def tried_on():
    return [(attempt.started_at - FIRST).days for attempt in Attempt.objects.order_by("number")]


def letters(kind):
    return sorted(Letter.objects.filter(kind=kind).values_list("email", flat=True))


def test_soft_decline_is_tried_again_on_days_3_7_and_14(collection, decline):
    decline()

    sweep_on(*range(20))

    assert tried_on() == [0, 3, 7, 14]
    collection.refresh_from_db()
    assert (collection.state, collection.next_try_at) == ("declined", None)


def test_days_that_the_timetable_missed_are_made_up_for_once(collection, decline):
    decline()

    sweep_on(0, 8, 9, 14)

    assert tried_on() == [0, 8, 14]


def test_hard_decline_is_never_tried_with_that_card_again(collection, decline):
    decline("stolen_card")

    sweep_on(*range(20))

    assert tried_on() == [0]


def test_money_that_came_meanwhile_is_not_charged_again(account, collection, decline):
    decline()
    sweep_on(0)
    make.check(account, check_number="1", amount_cents=2500, now=FIRST + DAY)

    sweep_on(3, 4)

    collection.refresh_from_db()
    assert collection.state == Collection.State.SETTLED
    assert tried_on() == [0]


def test_retry_that_succeeds_is_receipted_once(account, collection, decline, stripe_standin):
    decline()
    sweep_on(0)
    stripe_standin.decline(account.card.payment_method_id, None)

    sweep_on(3, 4, 5)

    assert stripe_standin.charges() == [2500]
    assert letters("payment_received") == ["admin@aurora.example", "billing@aurora.example"]


def test_each_decline_is_told_to_who_reads_the_bills(collection, decline, basic):
    decline()

    sweep_on(0, 1, 3)

    assert letters("payment_declined") == [
        "admin@aurora.example", "admin@aurora.example",
        "billing@aurora.example", "billing@aurora.example",
    ]  # fmt: skip


def test_letter_says_when_the_card_is_tried_again(collection, decline):
    decline()
    sweep_on(0)

    words = written(Letter.objects.filter(kind="payment_declined").first()).body

    assert "$25.00" in words
    assert "Apr 4, 2026" in words
    assert "/pay/" in words


def test_letter_of_a_hard_decline_asks_for_another_card(collection, decline):
    decline("lost_card")
    sweep_on(0)

    words = written(Letter.objects.filter(kind="payment_declined").first()).body

    assert "will not be tried again" in words
    assert "lost" not in words


def test_letter_is_not_sent_when_the_bill_is_paid_by_then(account, collection, decline):
    decline()
    sweep_on(0)
    Collection.objects.update(state=Collection.State.PAID)

    with pytest.raises(NoLongerWanted):
        written(Letter.objects.filter(kind="payment_declined").first())


def test_after_fourteen_days_staff_have_it_and_the_customer_is_told_once(collection, decline):
    decline("lost_card")
    sweep_on(0)

    early = dunning.flag_unpaid(now=FIRST + 13 * DAY)
    first = dunning.flag_unpaid(now=FIRST + 14 * DAY)
    again = dunning.flag_unpaid(now=FIRST + 15 * DAY)

    assert (early, first, again) == ([], [collection], [])
    assert letters("payment_given_up") == ["admin@aurora.example", "billing@aurora.example"]


def test_check_payer_whose_card_was_declined_is_not_given_up(collection, decline):
    decline()
    Collection.objects.update(is_automatic=False)
    collect(collection, gateway=gateway(), now=FIRST)

    collection.refresh_from_db()
    assert (collection.state, collection.next_try_at) == ("declined", None)
    assert "will not be tried again" in written(Letter.objects.get(email__startswith="admin")).body
    assert dunning.flag_unpaid(now=FIRST + 20 * DAY) == []


def test_bank_that_asks_for_its_customer_is_told_of_by_link(account, admin, stripe_standin):
    make.stripe_card(account, token="pm_card_authenticationRequired")
    collection = Collection.objects.get(bill=make.issued(account, "2026-03", dollars=25))

    sweep_on(0, 3, 7)

    collection.refresh_from_db()
    assert collection.state == Collection.State.ACTION_REQUIRED
    assert tried_on() == [0]
    assert letters("payment_needs_bank") == ["admin@aurora.example"]


def test_without_waiting_a_declined_card_would_be_tried_at_every_sweep(
    collection, decline, monkeypatch
):
    """The control."""
    monkeypatch.setattr(dunning, "next_try_at", lambda collection, now: now)
    decline()

    sweep_on(0, 1, 2)

    assert tried_on() == [0, 1, 2]


@pytest.mark.parametrize(
    ("today", "warnings"),
    [
        (dt.date(2026, 11, 29), 0),
        (dt.date(2026, 12, 1), 1),
        (dt.date(2026, 12, 23), 1),
        (dt.date(2026, 12, 24), 2),
        (dt.date(2027, 1, 1), 1),
    ],
)
def test_admins_are_warned_30_and_7_days_before_the_card_ends(account, admin, today, warnings):
    make.card(account=account, expiry_month=12, expiry_year=2026)

    for day in (dt.date(2026, 11, 29), dt.date(2026, 12, 1), today):
        if day <= today:
            noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
            dunning.warn_of_expiring_cards(now=noon)

    assert len(letters("card_expires")) == warnings


def test_warning_of_a_card_replaced_meanwhile_is_not_sent(account, admin):
    card = make.card(account=account, expiry_month=12, expiry_year=2026)
    dunning.warn_of_expiring_cards(now=dt.datetime(2026, 12, 10, tzinfo=dt.UTC))
    letter = Letter.objects.get(kind="card_expires")
    assert "Dec 31, 2026" in written(letter).subject

    card.payment_method_id = "pm_another"
    card.save()

    with pytest.raises(NoLongerWanted):
        written(letter)


def test_collecting_a_declined_bill_before_its_day_does_nothing(collection, decline):
    decline()
    collect(collection, gateway=gateway(), now=FIRST)

    collect(collection, gateway=gateway(), now=FIRST + DAY)

    assert tried_on() == [0]
