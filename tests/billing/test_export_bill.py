"""`export_bill` prints a bill as stable JSON and as one clean CSV table."""

import csv
import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Terms
from accounts.periods import Month
from billing import einvoice, export
from billing.services.issue import issue_bill, opens_at
from tests import make

MARCH = Month(2026, 3, "America/New_York")
START = dt.datetime(2026, 3, 10, 15, tzinfo=dt.UTC)


@pytest.fixture
def bill(plan):
    """The second bill of a check payer: two conferences, one of them with two rates."""
    account = make.account(name="Änderung", number="40007", plan=plan, terms=Terms.CHECK)
    issue_bill(account, MARCH.previous(), now=opens_at(MARCH.previous()))
    weekly = make.conference(account=account, name="Weekly", number="555", billing_code="sales")
    board = make.conference(account=account, name="Board", number="556")
    make.session(conference=weekly, started_at=START, legs=[(60, "local"), (61, "toll_free")])
    make.session(conference=board, started_at=START, legs=[(600, "local")])
    make.check(account, check_number="1", amount_cents=5, now=opens_at(MARCH))
    return issue_bill(account, MARCH, now=opens_at(MARCH))


def exported(number, **options):
    out = io.StringIO()
    call_command("export_bill", str(number), stdout=out, **options)
    return out.getvalue()


def table(bill):
    return list(csv.DictReader(io.StringIO(exported(bill.number, format="csv"), newline="")))


def sums(participants, minutes, cost, cents):
    return {
        "participants": participants,
        "minutes": minutes,
        "cost": cost,
        "cost_cents": cents,
    }


def line(number, billing_code, rate, access_types, *totals):
    return {
        "conference_number": number,
        "billing_code": billing_code,
        "started_at": "2026-03-10T11:00:00-04:00",
        "rate_per_minute": rate,
        "access_types": access_types,
        **sums(*totals),
    }


#: The bill of the fixture as JSON, but for its number.
DOCUMENT = {
    "format": "accuconf-bill-1",
    "account_number": "40007",
    "month": "2026-03",
    "issued_on": "2026-04-01",
    "due_on": "2026-05-01",
    "account_name": "Änderung",
    "account_address": ["1 Main Street", "Boston, MA 02110", "United States of America"],
    "operator_name": "Meridian Conferencing, Inc.",
    "month_start": "2026-03-01T00:00:00-05:00",
    "month_end": "2026-04-01T00:00:00-04:00",
    "billing_zone": "America/New_York",
    "terms": "check",
    "currency": "USD",
    "statement": {
        "last_bill": "0.00",
        "last_bill_cents": 0,
        "paid": "0.05",
        "paid_cents": 5,
        "corrected": "0.00",
        "corrected_cents": 0,
        "overdue": "0.00",
        "overdue_cents": 0,
        "not_yet_due": "0.00",
        "not_yet_due_cents": 0,
        "credits": "0.05",
        "credits_cents": 5,
        "current_charges": "0.42",
        "current_charges_cents": 42,
        "amount_due": "0.37",
        "amount_due_cents": 37,
    },
    "conferences": [
        {
            "conference_name": "Board",
            "lines": [line("556", "", "0.029000", ["local"], 1, 10, "0.29", 29)],
            "subtotal": sums(1, 10, "0.29", 29),
        },
        {
            "conference_name": "Weekly",
            "lines": [
                line("555", "sales", "0.029000", ["local"], 1, 1, "0.03", 3),
                line("555", "sales", "0.049000", ["toll_free"], 1, 2, "0.10", 10),
            ],
            "subtotal": sums(2, 3, "0.13", 13),
        },
    ],
    "total": sums(3, 13, "0.42", 42),
    "charges": [],
}


def test_json_is_the_bill_as_documented(bill):
    assert json.loads(exported(bill.number)) == {"bill": bill.label, **DOCUMENT}


def test_csv_has_a_row_for_each_amount_line_subtotal_and_the_total(bill):
    rows = [
        [row[name] for name in ("record", "item", "conference_name", "minutes", "amount", "cents")]
        for row in table(bill)
    ]

    assert rows == [
        ["statement", "last_bill", "", "", "0.00", "0"],
        ["statement", "paid", "", "", "0.05", "5"],
        ["statement", "corrected", "", "", "0.00", "0"],
        ["statement", "overdue", "", "", "0.00", "0"],
        ["statement", "not_yet_due", "", "", "0.00", "0"],
        ["statement", "credits", "", "", "0.05", "5"],
        ["statement", "current_charges", "", "", "0.42", "42"],
        ["statement", "amount_due", "", "", "0.37", "37"],
        ["line", "", "Board", "10", "0.29", "29"],
        ["subtotal", "", "Board", "10", "0.29", "29"],
        ["line", "", "Weekly", "1", "0.03", "3"],
        ["line", "", "Weekly", "2", "0.10", "10"],
        ["subtotal", "", "Weekly", "3", "0.13", "13"],
        ["total", "", "", "13", "0.42", "42"],
    ]


def test_every_csv_row_names_the_bill_and_the_currency(bill):
    rows = table(bill)

    assert {(row["bill"], row["account_number"], row["month"]) for row in rows} == {
        (bill.label, "40007", "2026-03")
    }
    assert {row["currency"] for row in rows} == {"USD"}
    assert list(rows[0]) == list(export.COLUMNS)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_csv_text_is_never_a_formula(account, name):
    conference = make.conference(account=account, name=name)
    bill = make.frozen_bill(account=account, lines=[(conference, 1, 1, "0.05")])

    assert {row["conference_name"] for row in table(bill)} == {"", f"'{name}"}


def test_xml_is_the_e_invoice(bill):
    assert exported(bill.number, format="xml").encode() == einvoice.as_xml(bill)


def test_amounts_below_zero_stay_numbers(account):
    bill = make.frozen_bill(account=account, credits_cents=150, amount_due_cents=-150)

    (due,) = (row for row in table(bill) if row["item"] == "amount_due")

    assert (due["amount"], due["cents"]) == ("-1.50", "-150")
    assert json.loads(exported(bill.number))["statement"]["amount_due"] == "-1.50"


def test_number_may_have_leading_zeros(bill):
    assert exported(f"{bill.number:06}") == exported(bill.number)


@pytest.mark.parametrize("number", ["0", "999999999"])
def test_unknown_number_is_told(db, number):
    with pytest.raises(CommandError, match=f"There is no bill {int(number):06}."):
        exported(number)


@pytest.mark.parametrize("number", ["12a", "-1", "1234567890", "", "١٢"])
def test_what_is_no_number_is_told(db, number):
    with pytest.raises(CommandError, match="is not a bill number"):
        exported(number)


def charged(account):
    """A bill of two charges beside its calls of $10.00."""
    make.fee(account=account, name="=Service", amount_cents=1995, starts_on="2026-03-10")
    make.tax(name="Sales tax", percent="8.875", on_fees=False)
    return make.issued(account, "2026-03", dollars=10)


def test_json_has_the_charges_beside_calls(account):
    bill = json.loads(exported(charged(account).number))

    assert bill["statement"]["current_charges_cents"] == 1000 + 1416 + 89
    assert bill["charges"] == [
        {
            "kind": "fee",
            "name": "=Service",
            "first_day": "2026-03-10",
            "last_day": "2026-03-31",
            "days": 22,
            "days_of_month": 31,
            "percent": None,
            "base": "19.95",
            "base_cents": 1995,
            "amount": "14.16",
            "cents": 1416,
        },
        {
            "kind": "tax",
            "name": "Sales tax",
            "first_day": None,
            "last_day": None,
            "days": None,
            "days_of_month": None,
            "percent": "8.8750",
            "base": "10.00",
            "base_cents": 1000,
            "amount": "0.89",
            "cents": 89,
        },
    ]


def test_csv_has_a_row_for_each_charge(account):
    rows = [row for row in table(charged(account)) if row["record"] == "charge"]

    columns = ["item", "name", "days", "percent", "base", "amount", "cents"]
    assert [[row[name] for name in columns] for row in rows] == [
        ["fee", "'=Service", "22", "", "19.95", "14.16", "1416"],
        ["tax", "Sales tax", "", "8.8750", "10.00", "0.89", "89"],
    ]


def test_export_reads_lines_and_charges_once(bill, django_assert_num_queries):
    with django_assert_num_queries(2):
        export.as_csv(bill)
