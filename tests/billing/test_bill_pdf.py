"""The bill's PDF: what is printed, where, and that nothing is lost at the end of a page."""

import re
from itertools import pairwise

import pytest

from accounts.models import Terms
from tests import make
from tests.billing.printed import bill_of, reader_of, words_of


@pytest.fixture
def check_account(plan):
    return make.account(name="Borealis Shipping", plan=plan, terms=Terms.CHECK)


def test_card_bill_says_when_the_card_is_charged(account):
    words = words_of(bill_of(account, calls=1))

    assert "Your bill for March 2026" in words
    assert "Will be charged to Visa •••• 4242 on Apr 1, 2026." in words
    assert "detach" not in words


def test_check_bill_has_a_remittance_slip(check_account):
    words = words_of(bill_of(check_account, calls=1))

    assert "Payable by check within 30 days, by May 1, 2026." in words
    assert "Please detach and send this part with your check" in words
    assert "Amount enclosed" in words


def test_overdue_part_of_a_check_bill_is_asked_for_at_once(check_account):
    bill = bill_of(check_account, calls=1, overdue_cents=5000, amount_due_cents=5490)

    assert "$50.00 of it is overdue: please pay that now." in words_of(bill)


@pytest.mark.parametrize("terms", list(Terms))
def test_credit_leaves_nothing_to_pay(plan, terms):
    account = make.account(plan=plan, terms=terms)
    bill = bill_of(account, calls=1, credits_cents=1000, amount_due_cents=-510)

    words = words_of(bill)

    assert "Nothing to pay. Your credit of $5.10 goes towards your next bill." in words
    assert "Due date" not in words
    assert "detach" not in words


def test_month_without_calls_says_so(account):
    words = words_of(bill_of(account, calls=0))

    assert "No calls this month" in words
    assert "Nothing to pay." in words
    assert "Sub-total" not in words


def test_card_account_without_a_card_is_asked_for_one(account):
    words = words_of(bill_of(account, calls=1, card_label=""))

    assert "There is no card or bank account on file. Please add one" in words


def test_lines_stand_under_their_conference_with_sub_totals(account):
    board = make.conference(account=account, name="Board of Directors")
    weekly = make.conference(account=account, name="Weekly meeting")
    bill = make.frozen_bill(
        account=account,
        lines=[(board, 2, 30, "0.049"), (weekly, 4, 1000, "0.0425"), (weekly, 1, 5, "0.10")],
    )

    words = words_of(bill)

    assert "Mar 1, 2026, 1:00 AM Toll-free 2 30 $0.0490 $1.47 Sub-total 2 30 $1.47" in words
    assert "4 1,000 $0.0425 $42.50" in words
    assert "Sub-total 5 1,005 $43.00 Total 7 1,035 $44.47" in words


def test_printed_costs_add_up_to_the_printed_total(account):
    words = words_of(bill_of(account, calls=60))

    costs = [int(cents.replace(".", "")) for cents in re.findall(r"\$0\.0490 \$(\d+\.\d\d)", words)]
    [total] = re.findall(r"Total 180 \S+ \$(\d+\.\d\d) Times", words)
    assert len(costs) == 60
    assert sum(costs) == int(total.replace(".", ""))


def test_billing_codes_get_a_column_only_where_there_are_any(account):
    without = make.conference(account=account)
    coded = make.conference(account=account, billing_code="MKT-4711")
    plain = make.frozen_bill(account=account, lines=[(without, 3, 100, "0.049")])
    mixed = make.frozen_bill(
        account=account,
        month=plain.month.next(),
        lines=[(without, 3, 100, "0.049"), (coded, 2, 50, "0.049")],
    )

    assert "Billing code" not in words_of(plain)
    assert "Toll-free MKT-4711 2 50" in words_of(mixed)


def test_names_of_all_alphabets_are_printed_as_they_are(account):
    names = ["Łódź – Kraków", "R&D <core>", "Équipe", "Συνάντηση", "Совещание"]
    conferences = [make.conference(account=account, name=name) for name in names]
    lines = [(conference, 1, 10, "0.05") for conference in conferences]

    words = words_of(make.frozen_bill(account=account, lines=lines))

    assert [name for name in names if name not in words] == []


def test_page_heads_are_repeated_and_pages_counted(account):
    reader = reader_of(bill_of(account, calls=120))

    pages = [page.extract_text() for page in reader.pages]

    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Participants" in page


def test_no_line_is_lost_at_a_page_break(account):
    words = words_of(bill_of(account, calls=120))

    minutes = [int(found) for found in re.findall(r"Toll-free 3 (\d+) \$0\.0490", words)]
    assert minutes == list(range(100, 220))


def test_a_conference_is_not_named_at_the_foot_of_a_page_without_its_first_line(account):
    names = [make.conference(account=account, name=f"Line {i:03}") for i in range(60)]
    bill = make.frozen_bill(account=account, lines=[(name, 1, 10, "0.05") for name in names])

    pages = [page.extract_text() for page in reader_of(bill).pages]

    for page, following in pairwise(pages):
        assert re.search(r"Sub-total[^A-Za-z]*(Bill|Meridian)", " ".join(page.split())), following


def test_a_sheet_names_the_conference_that_goes_on_from_the_one_before(account):
    long = make.conference(account=account, name="Marathon")
    brief = [make.conference(account=account, name=f"Sprint {i:02}") for i in range(60)]
    lines = [*[(long, 1, 10, "0.05")] * 50, *[(one, 1, 10, "0.05") for one in brief]]
    bill = make.frozen_bill(account=account, lines=lines)

    first, second, *others = [page.extract_text() for page in reader_of(bill).pages]

    assert first.count("Marathon") == 1
    assert second.count("Marathon") == 1
    for page in others:
        sprints = re.findall(r"Sprint \d\d", page)
        assert len(sprints) == len(set(sprints))


def test_long_names_wrap_within_the_sheet(plan):
    account = make.account(plan=plan, name="The Worshipful Company of Callers " * 5)
    bill = bill_of(account, calls=1, name="Donaudampfschifffahrt" * 9)

    reader = reader_of(bill)

    assert ("Donaudampfschifffahrt" * 9) in "".join(
        "".join(page.extract_text().split()) for page in reader.pages
    )
