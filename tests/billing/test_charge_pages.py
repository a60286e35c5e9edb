"""What a bill and the unbilled activity show of charges beside calls."""

import datetime as dt

import pytest
import time_machine

from accounts.periods import Month
from billing.pdf import html_of
from billing.services.issue import issue_bill, opens_at
from billing.unbilled import unbilled_activity
from tests import make
from tests.pages import sign_in

MARCH = Month(2026, 3, "America/New_York")
UNBILLED = "/customer/bills/unbilled/"


@pytest.fixture
def charged(account):
    """$10.00 of calls in March, a fee for a part of it, and a tax."""
    line = make.conference(account=account)
    make.session(conference=line, legs=[(60 * 100, "local")])
    make.fee(account=account, name="Löwen-Service <b>", amount_cents=3100, starts_on="2026-03-22")
    make.tax(name="City tax", percent="8.875", on_fees=False)
    return account


def text_of(response):
    return " ".join(response.content.decode().split())


def bill_march(account):
    return issue_bill(account, MARCH, now=opens_at(MARCH))


def test_bill_shows_each_charge_and_what_it_is_reckoned_from(client, biller, charged):
    bill = bill_march(charged)
    sign_in(client, biller)

    page = text_of(client.get(bill.get_absolute_url()))

    assert "Löwen-Service &lt;b&gt;" in page
    assert "Mar 22, 2026 – Mar 31, 2026, 10 of 31 days of $31.00" in page
    assert "8.875% of $2.90" in page
    assert "$0.26" in page
    assert "$13.16" in page


def test_printed_bill_has_the_charges_too(charged):
    page = " ".join(html_of(bill_march(charged)).split())

    assert "10 of 31 days of $31.00" in page
    assert 'Current charges, with your calls</th><td class="number">$13.16' in page


def test_late_fee_says_that_it_is_the_least(client, plan):
    account = make.account(terms="check", plan=plan)
    make.late_fee(percent="1", minimum_cents=500, grace_days=0)
    make.issued(account, "2026-03", dollars=20)
    april, may = (issue_bill(account, month, now=opens_at(month)) for month in (
        MARCH.next(), MARCH.next().next(),
    ))  # fmt: skip
    sign_in(client, make.user(account=account, role="admin"))

    assert "Late fee" not in text_of(client.get(april.get_absolute_url()))
    assert "1% of $20.00, at least $5.00" in text_of(client.get(may.get_absolute_url()))


def test_unbilled_activity_shows_the_charges_of_the_running_month(client, biller, charged):
    sign_in(client, biller)

    with time_machine.travel(dt.datetime(2026, 3, 15, tzinfo=dt.UTC), tick=False):
        page = text_of(client.get(UNBILLED))

    assert "10 of 31 days of $31.00" in page
    assert "$13.16" in page


def test_unbilled_activity_is_what_the_bill_then_charges(charged):
    unbilled = unbilled_activity(charged, now=MARCH.end - dt.timedelta(seconds=1))

    bill = bill_march(charged)

    assert unbilled.charges == bill.current_charges
    assert [one.amount_cents for one in unbilled.beside] == [
        one.amount_cents for one in bill.charges.all()
    ]


def test_month_that_waits_to_be_billed_is_shown_before_the_running_one(charged):
    make.issued(charged, "2026-02", dollars=1)

    unbilled = unbilled_activity(charged, now=MARCH.end + dt.timedelta(hours=1))

    assert [one.last_day for one in unbilled.beside if one.kind == "fee"] == [MARCH.last_day]


def test_files_of_unbilled_activity_have_the_charges(client, biller, charged):
    sign_in(client, biller)

    with time_machine.travel(dt.datetime(2026, 3, 15, tzinfo=dt.UTC), tick=False):
        file = b"".join(client.get(f"{UNBILLED}csv/")).decode()

    assert "charge,fee" in file
    assert "Löwen-Service <b>" in file
