"""Checks: recorded once, settling the oldest or what is chosen; their rest; and bouncing."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.actors import Actor
from accounts.letters import written
from accounts.models import AuditEntry, Letter, Terms
from billing.models import Check, JournalEntry
from billing.open_items import open_items
from billing.services import checks, ledger
from billing.verification import books
from tests import make

NOW = dt.datetime(2026, 4, 10, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def owing(account):
    """An account that pays by check and owes $10.00 for February and $25.00 for March."""
    account.terms = Terms.CHECK
    account.save()
    make.issued(account, "2026-02", dollars=10)
    make.issued(account, "2026-03", dollars=25)
    return account


@pytest.fixture
def clerk(db):
    return Actor(user=make.user(name="Clara Clerk"))


@pytest.fixture
def receive(owing, clerk):
    """Record a check of some cents."""

    def receive(cents, *, number="1001", now=NOW, **choices):
        given = {"received_on": dt.date(2026, 4, 9), "by": clerk, **choices}
        return checks.record_check(owing, number=number, amount_cents=cents, now=now, **given)

    return receive


def unpaid(account):
    return [bill.unpaid_cents for bill in account.bills.with_unpaid().order_by("number")]


def share(account, *cents):
    """Give out `cents` to the open items in their order."""
    items = open_items(account)
    return {item.key: share for item, share in zip(items, cents, strict=True) if share}


def rest(check):
    return Check.objects.with_standing().get(pk=check.pk).rest_cents


def broken():
    """Name what is broken in the checks and the ledger, whose accounts have no runs here."""
    return {
        found.check.name
        for found in books.verify(now=LATER)
        if found.check.name.startswith(("check", "credit", "alloc", "entry", "balance"))
    }


def test_check_settles_the_oldest_bill_first(owing, receive, clerk):
    check = receive(1500, memo="for winter")

    assert unpaid(owing) == [0, 2000]
    assert (check.entry.reference, check.entry.memo) == (f"check:{owing.number}:1001", "for winter")
    assert check.entered_by == clerk.user
    assert broken() == set()


def test_check_settles_what_is_chosen(owing, receive):
    receive(1500, shares=share(owing, 0, 1500))

    assert unpaid(owing) == [1000, 1000]
    assert broken() == set()


def test_rest_of_a_chosen_allocation_settles_the_oldest(owing, receive):
    receive(1500, shares=share(owing, 0, 1200))

    assert unpaid(owing) == [700, 1300]


def test_rest_that_is_kept_waits_even_when_other_money_comes(owing, receive):
    kept = receive(1500, shares=share(owing, 0, 1200), is_rest_kept=True)
    receive(100, number="1002")

    assert (unpaid(owing), rest(kept)) == ([900, 1300], 300)
    assert broken() == set()


def test_rest_that_is_kept_is_what_the_oldest_leave(owing, receive):
    kept = receive(4000, is_rest_kept=True)

    third = make.issued(owing, "2026-04", dollars=12)

    assert (unpaid(owing), rest(kept)) == ([0, 0, 1200], 500)
    assert (third.credits_cents, third.amount_due_cents) == (500, 700)


def test_kept_rest_is_applied_to_the_oldest(owing, receive, clerk):
    kept = receive(1500, shares={}, is_rest_kept=True)

    checks.apply_rest(kept, by=clerk, now=LATER)

    assert (unpaid(owing), rest(kept)) == ([0, 2000], 0)


def test_kept_rest_is_applied_by_choice(owing, receive, clerk):
    kept = receive(1500, shares={}, is_rest_kept=True)

    checks.apply_rest(kept, shares=share(owing, 0, 1000), by=clerk, now=LATER)

    assert (unpaid(owing), rest(kept)) == ([1000, 1500], 500)
    assert broken() == set()


def test_kept_rest_lessens_the_next_bill_all_the_same(owing, receive):
    receive(3500, shares=share(owing, 1000, 0), is_rest_kept=True)

    third = make.issued(owing, "2026-04", dollars=12)

    assert (third.credits_cents, third.amount_due_cents) == (2500, 1200)


@pytest.mark.parametrize("cents", [(1001, 0), (0, 2501), (1000, 501)])
def test_no_more_is_settled_than_is_open_or_paid(owing, receive, cents):
    with pytest.raises(checks.TooMuchAllocated):
        receive(1500, shares=share(owing, *cents))

    assert (Check.objects.count(), unpaid(owing)) == (0, [1000, 2500])


def test_rest_is_not_applied_twice(owing, receive, clerk):
    kept = receive(1500, shares={}, is_rest_kept=True)
    shares = share(owing, 0, 1000)
    checks.apply_rest(kept, shares=shares, by=clerk, now=LATER)

    with pytest.raises(checks.TooMuchAllocated):
        checks.apply_rest(kept, shares=shares, by=clerk, now=LATER)

    assert unpaid(owing) == [1000, 1500]


def test_same_check_again_is_recorded_and_logged_once(owing, receive):
    first = receive(1500)

    assert receive(1500, now=LATER) == first
    assert unpaid(owing) == [0, 2000]
    assert AuditEntry.objects.filter(verb="recorded").count() == 1


@pytest.mark.parametrize("change", [{"cents": 1501}, {"received_on": dt.date(2026, 4, 8)}])
def test_other_check_under_the_same_number_is_refused(owing, receive, change):
    first = receive(1500)

    with pytest.raises(checks.NumberTaken) as refused:
        receive(**{"cents": 1500, **change})

    assert refused.value.check == first
    assert ledger.balance_cents(owing) == 2000


def test_recording_is_in_the_log_with_what_it_settles(owing, receive, clerk):
    receive(1500, shares=share(owing, 0, 1500))

    entry = AuditEntry.objects.get()
    newest = owing.bills.order_by("number").last()
    assert (entry.actor, entry.account, entry.subject) == (clerk.user, owing, "Check 1001")
    assert entry.after == {
        "amount": "$15.00",
        "received": "2026-04-09",
        "memo": "",
        "settles": [f"{newest}: $15.00"],
    }


def test_bounced_check_is_owed_again_and_all_who_read_bills_are_told_once(
    owing, receive, clerk, admin, biller, basic, settings
):
    check = receive(1500)

    bounced = checks.bounce(check, reason="no funds", by=clerk, now=LATER)

    assert checks.bounce(check, reason="again", by=clerk, now=LATER) == bounced
    assert (unpaid(owing), bounced.memo) == ([1000, 2500], "no funds")
    assert bounced.reference == f"bounced:check:{owing.number}:1001"
    told = Letter.objects.order_by("email").values_list("kind", "email")
    assert list(told) == [
        ("check_bounced", admin.email),
        ("check_bounced", biller.email),
        ("check_bounced_staff", settings.OPERATOR_EMAIL),
    ]
    assert AuditEntry.objects.filter(verb="noted as bounced").count() == 1
    assert broken() == set()


def test_letters_of_a_bounce_name_the_check_and_how_to_pay(owing, receive, clerk, biller):
    checks.bounce(receive(1500), by=clerk, now=LATER)

    to_customer = written(Letter.objects.get(kind="check_bounced"))
    to_staff = written(Letter.objects.get(kind="check_bounced_staff"))

    assert to_customer.subject == "Your bank returned check 1001"
    assert "$15.00, which we received on Apr 9, 2026" in to_customer.body
    assert "/pay/" in to_customer.body
    assert to_staff.subject == f"Check 1001 of {owing} bounced"


def test_rest_of_a_bounced_check_settles_nothing(owing, receive, clerk):
    kept = receive(1500, shares={}, is_rest_kept=True)
    checks.bounce(kept, by=clerk, now=LATER)

    with pytest.raises(checks.HasBounced):
        checks.apply_rest(kept, by=clerk, now=LATER)

    assert (unpaid(owing), rest(kept)) == ([1000, 2500], 0)
    assert broken() == set()


@pytest.mark.parametrize("change", [
    "UPDATE billing_check SET amount_cents = amount_cents + 1",
    "UPDATE billing_check SET number = '7'",
    "DELETE FROM billing_check",
])  # fmt: skip
def test_database_refuses_to_change_a_check(receive, change):
    receive(1500)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(change)


def test_every_check_has_its_entry_and_no_other(receive):
    check = receive(1500)

    assert JournalEntry.objects.payments().get() == check.entry
