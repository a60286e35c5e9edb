"""Two bills compared: the reasons add up to the difference, and name what really changed."""

import pytest
from django.urls import reverse

from accounts.periods import Month
from billing.comparison import Reason, compare
from tests import make
from tests.pages import card, complaints, read, rows, sign_in

PAGE = reverse("billing:bill_compare")
FEBRUARY = Month(2026, 2, "America/New_York")
MARCH = Month(2026, 3, "America/New_York")


@pytest.fixture
def bills(account):
    """$11.00 in February; in March one conference more, and longer calls on another."""
    weekly = make.conference(account=account, name="Zürich weekly")
    board = make.conference(account=account, name="Board")
    ended = make.conference(account=account, name="Ended")
    february = [(weekly, 4, 100, "0.05"), (weekly, 4, 100, "0.05"), (ended, 1, 10, "0.1")]
    march = [(weekly, 4, 200, "0.05"), (weekly, 4, 200, "0.05"), (board, 2, 50, "0.1")]
    return [
        make.frozen_bill(account=account, month=FEBRUARY, lines=february),
        make.frozen_bill(account=account, month=MARCH, lines=march),
    ]


def test_bills_differ_by_the_reasons_and_the_conferences(bills):
    comparison = compare(*bills)

    assert comparison.change_cents == 1400
    assert {reason.value: cents for reason, cents in comparison.reasons.items() if cents} == {
        "new": 500,
        "ended": -100,
        "length": 1000,
    }
    assert [(row.name, row.change_cents, str(row.main_reason)) for row in comparison.rows] == [
        ("Zürich weekly", 1000, "people stayed longer"),
        ("Board", 500, "called this time"),
        ("Ended", -100, "no calls"),
    ]
    assert (comparison.before.calls, comparison.after.participants) == (3, 10)


def test_what_is_charged_beside_calls_is_a_reason_of_its_own(account):
    before = make.frozen_bill(account=account, month=FEBRUARY)
    after = make.frozen_bill(account=account, month=MARCH)
    after.current_charges_cents = 999

    assert compare(before, after).reasons[Reason.FEES] == 999


def test_call_at_two_rates_is_one_call(account):
    line = make.conference(account=account)
    make.session(
        conference=line,
        started_at=MARCH.start,
        legs=[(60, "local"), (60, "toll_free"), (60, "local")],
    )
    bill = make.issued(account, "2026-03", dollars=1)

    assert compare(bill, bill).before.calls == 2
    assert compare(bill, bill).before.participants == 4


def test_page_compares_the_last_two_months(client, biller, bills):
    sign_in(client, biller)

    response = client.get(PAGE)

    assert "March 2026 cost $14.00 more than February 2026." in card(response, "why").text
    assert "What changed most: Minutes per person (+$10.00)." in card(response, "why").text
    assert rows(card(response, "why")) == [
        ["Conferences called in the later month only", "+$5.00"],
        ["Conferences called in the earlier month only", "−$1.00"],
        ["Number of calls", "$0.00"],
        ["People per call", "$0.00"],
        ["Minutes per person", "+$10.00"],
        ["Ways of calling in", "$0.00"],
        ["Rates per minute", "$0.00"],
        ["Difference", "+$14.00"],
    ]
    assert rows(card(response, "beside"))[-3:] == [
        ["People per call", "3.0", "3.3"],
        ["Minutes per person", "23.3", "45.0"],
        ["Average rate", "$0.0524", "$0.0556"],
    ]


def test_many_conferences_come_in_pages_of_the_same_comparison(client, biller, account):
    lines = [make.conference(account=account, name=f"Line {number:02}") for number in range(30)]
    make.frozen_bill(account=account, month=FEBRUARY)
    make.frozen_bill(account=account, month=MARCH, lines=[(line, 1, 1, 1) for line in lines])
    sign_in(client, biller)
    (following,) = read(client.get(PAGE)).all("a", rel="next")

    response = client.get(PAGE + following.attributes["href"])

    assert [row[0] for row in rows(card(response, "conferences"))] == [
        f"Line {number} called this time" for number in range(25, 30)
    ]


def test_months_can_be_chosen_either_way_round(client, biller, bills):
    sign_in(client, biller)

    response = client.get(PAGE, {"before": "2026-03", "after": "2026-02"})

    assert "February 2026 cost $14.00 less than March 2026." in card(response, "why").text


def test_bill_leads_to_what_makes_it_differ_from_the_one_before(client, biller, account):
    make.issued(account, "2026-02", dollars=1)
    bill = make.issued(account, "2026-03", dollars=2)
    sign_in(client, biller)
    page = read(client.get(bill.get_absolute_url()))

    (link,) = [link for link in page.all("a") if link.text == "Compare with February 2026"]

    why = card(client.get(link.attributes["href"]), "why")
    assert "March 2026 cost $1.00 more than February 2026." in why.text


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        ("2026-03", "Choose another month than the first."),
        ("1999-01", "Choose one of your bills."),
    ],
)
def test_months_that_make_no_sense_are_refused_beside_the_field(
    client, biller, bills, after, sentence
):
    sign_in(client, biller)

    response = client.get(PAGE, {"before": "2026-03", "after": after})

    assert complaints(response) == [sentence]
    assert "Nothing was compared" in read(response).text


def test_bills_in_two_currencies_are_not_compared(client, biller, account):
    make.frozen_bill(account=account, month=FEBRUARY, currency="EUR")
    make.frozen_bill(account=account, month=MARCH)
    sign_in(client, biller)

    assert "Nothing was compared" in read(client.get(PAGE)).text
    asked = client.get(PAGE, {"before": "2026-02", "after": "2026-03"})
    assert complaints(asked) == ["These bills are in different currencies."]


@pytest.mark.parametrize("count", [0, 1])
def test_one_bill_alone_is_not_compared(client, biller, account, count):
    for _ in range(count):
        make.frozen_bill(account=account)
    sign_in(client, biller)

    assert "Nothing to compare yet" in read(client.get(PAGE)).text


@pytest.mark.parametrize("count", [1, 3])
def test_more_conferences_take_no_more_queries(
    client, biller, account, count, django_assert_num_queries
):
    lines = [make.conference(account=account, name=f"Line {number}") for number in range(count)]
    for month in (FEBRUARY, MARCH):
        make.frozen_bill(account=account, month=month, lines=[(one, 1, 1, 1) for one in lines])
    sign_in(client, biller)

    with django_assert_num_queries(7):
        response = client.get(PAGE)

    assert len(rows(card(response, "conferences"))) == count


def test_reckoning_by_hand_agrees(account):
    """Two calls of two people for 10 minutes at 4 cents; then three of three for 12 at 5."""
    line = make.conference(account=account)
    before = make.frozen_bill(account=account, month=FEBRUARY, lines=[(line, 2, 20, "0.04")] * 2)
    after = make.frozen_bill(account=account, month=MARCH, lines=[(line, 3, 36, "0.05")] * 3)

    reasons = {reason.value: cents for reason, cents in compare(before, after).reasons.items()}

    assert before.current_charges_cents == 160
    assert {name: cents for name, cents in reasons.items() if cents} == {
        "calls": 240 - 160,
        "people": 360 - 240,
        "length": 432 - 360,
        "rates": 540 - 432,
    }
