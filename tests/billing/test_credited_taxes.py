"""Giving back the surcharges and taxes on what a credit note gives back."""

import datetime as dt
import uuid

import pytest

from accounts.actors import Actor
from accounts.periods import Month
from billing.models import Book, CreditNote
from billing.services.credit_notes import issue_credit_note
from billing.services.issue import opens_at
from billing.verification import books
from tests import make

NOW = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def give_back(staff):
    """Give cents of a bill's only line and of its charges, by name, back with the taxes on them."""

    def give_back(bill, *, calls=0, with_taxes=True, **charges):
        by_name = {charge.name: charge.pk for charge in bill.charges.all()}
        note = issue_credit_note(
            bill,
            amounts={bill.lines.get().pk: calls},
            charges={by_name[name]: cents for name, cents in charges.items()},
            with_taxes=with_taxes,
            reason="Noise",
            form_key=uuid.uuid4(),
            by=Actor(user=staff),
            now=NOW,
        )
        return list(note.lines.values_list("name", "amount_cents"))[bool(calls) :]

    return give_back


def billed(account, *, dollars=100):
    return make.issued(account, "2026-03", dollars=dollars)


@pytest.mark.parametrize(("calls", "back"), [(1000, 89), (100, 9), (6, 1), (5, 0), (10_000, 888)])
def test_tax_on_what_is_given_back_is_rounded_half_up(account, give_back, calls, back):
    make.tax(name="State", percent="8.875")

    assert give_back(billed(account), calls=calls) == ([("State", back)] if back else [])


def test_taxes_on_surcharges_are_given_back_with_them(account, give_back):
    make.fee(account=account, name="Service", amount_cents=2000)
    make.tax(kind="surcharge", name="Network", percent="10", on_fees=False)
    make.tax(name="Federal", percent="20", on_surcharges=True)
    make.tax(name="State", percent="5", on_calls=False)
    bill = billed(account)

    assert give_back(bill, calls=1000) == [("Network", 100), ("Federal", 220)]
    assert give_back(bill, Service=1000) == [("Service", 1000), ("Federal", 200), ("State", 50)]
    assert give_back(bill, Network=100) == [("Network", 100), ("Federal", 20)]


def test_no_more_tax_is_given_back_than_is_left(account, give_back):
    make.tax(name="State", percent="50")
    bill = billed(account, dollars=1)

    backs = [give_back(bill, calls=33), give_back(bill, calls=33), give_back(bill, calls=34)]

    assert backs == [[("State", 17)], [("State", 17)], [("State", 16)]]


def test_amount_that_staff_name_goes_before_the_percentage(account, give_back):
    make.tax(name="State", percent="10")

    assert give_back(billed(account), calls=1000, State=7) == [("State", 7)]


def test_taxes_stay_where_they_are_not_asked_for(account, give_back):
    make.tax(name="State", percent="10")

    assert give_back(billed(account), calls=1000, with_taxes=False) == []


def test_tax_given_back_is_no_longer_owed_to_the_state(account, give_back):
    make.tax(kind="surcharge", name="Network", percent="10")
    make.tax(name="State", percent="5")
    bill = billed(account)

    give_back(bill, calls=1000)

    sides = CreditNote.objects.get().entry.postings.values_list("book", "amount_cents")
    assert dict(sides) == {Book.CREDIT_NOTES: 1100, Book.TAX: 50, Book.RECEIVABLE: -1150}
    month = Month(2026, 3, "America/New_York")
    found = {one.check.name for one in books.verify(now=opens_at(month)) if one.check.serious}
    assert found == {"bill_belongs_to_its_job"}  # it was issued here without a run
