"""A bill and unbilled activity as files from the page: the same table as CSV and as Excel."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from billing import einvoice
from tests import make
from tests.pages import read, sign_in

APRIL_10 = dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(APRIL_10, tick=False):
        yield


@pytest.fixture
def bill(account):
    zurich = make.conference(account=account, name="Zürich – Übersicht", billing_code="=1+1")
    make.session(
        conference=zurich,
        started_at=dt.datetime(2026, 3, 10, 15, tzinfo=dt.UTC),
        legs=[(600, "local"), (61, "toll_free")],
    )
    return make.issued(account, "2026-03", dollars=5)


def content(response):
    return response.getvalue()


def csv_rows(response):
    return list(csv.DictReader(io.StringIO(content(response).decode("utf-8-sig"), newline="")))


def excel_rows(response):
    sheet = openpyxl.load_workbook(io.BytesIO(content(response))).active
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def sums_of(rows):
    """Return the cents of the lines, of the sub-totals, and of the total."""
    return [
        sum(int(row["cents"]) for row in rows if row["record"] == kind)
        for kind in ("line", "subtotal", "total")
    ]


def test_csv_of_a_bill_reads_in_a_spreadsheet_and_adds_up(client, biller, bill):
    sign_in(client, biller)

    response = client.get(reverse("billing:bill_csv", args=[bill.number]))

    assert response["Content-Disposition"] == f'attachment; filename="bill-{bill}.csv"'
    rows = csv_rows(response)
    assert sums_of(rows) == [bill.current_charges_cents] * 3
    assert {row["conference_name"] for row in rows if row["record"] == "line"} == {
        "Costs $5",
        "Zürich – Übersicht",
    }
    assert {row["billing_code"] for row in rows if row["record"] == "line"} == {"", "'=1+1"}


def test_amounts_below_zero_stay_numbers_in_the_csv(client, biller, account):
    bill = make.frozen_bill(account=account, credits_cents=150, amount_due_cents=-150)
    sign_in(client, biller)

    rows = csv_rows(client.get(reverse("billing:bill_csv", args=[bill.number])))

    assert [row["amount"] for row in rows if row["item"] == "amount_due"] == ["-1.50"]


def test_xml_of_a_bill_is_served_as_a_file(client, biller, bill):
    sign_in(client, biller)

    response = client.get(reverse("billing:bill_xml", args=[bill.number]))

    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="bill-{bill}.xml"'
    assert response.content == einvoice.as_xml(bill)


def test_excel_of_a_bill_has_numbers_days_and_instants(client, biller, bill):
    sign_in(client, biller)

    response = client.get(reverse("billing:bill_excel", args=[bill.number]))

    rows = excel_rows(response)
    assert sums_of(rows) == [bill.current_charges_cents] * 3
    (line,) = [row for row in rows if row["access_types"] == "toll_free"]
    assert {name: line[name] for name in ("issued_on", "started_at", "minutes", "cents")} == {
        "issued_on": dt.datetime(2026, 4, 1),  # noqa: DTZ001 (Excel knows no zones)
        "started_at": dt.datetime(2026, 3, 10, 11),  # noqa: DTZ001
        "minutes": 2,
        "cents": 10,
    }
    assert (line["amount"], line["rate_per_minute"]) == (0.1, 0.049)
    assert line["billing_code"] == "=1+1"


def test_both_files_have_the_same_rows(client, biller, bill):
    sign_in(client, biller)
    written = csv_rows(client.get(reverse("billing:bill_csv", args=[bill.number])))
    typed = excel_rows(client.get(reverse("billing:bill_excel", args=[bill.number])))

    for text, row in zip(written, typed, strict=True):
        assert text["record"] == row["record"]
        assert Decimal(text["amount"]) == Decimal(str(row["amount"]))


def test_files_of_unbilled_activity_name_what_has_no_rate(client, admin, bill, account):
    make.session(
        conference=make.conference(account=account, name="Own"), started_at=APRIL_10, legs=[]
    )
    line = make.conference(account=account, name="Weekly")
    make.session(conference=line, started_at=APRIL_10 - dt.timedelta(days=1))
    account.plans.get().plan.rates.filter(access_type="out_dial").delete()
    make.session(
        conference=line, started_at=APRIL_10 - dt.timedelta(days=2), legs=[(60, "out_dial")]
    )
    sign_in(client, admin)

    written = csv_rows(client.get(reverse("billing:unbilled_csv")))
    typed = excel_rows(client.get(reverse("billing:unbilled_excel")))

    assert [(row["record"], row["minutes"], row["cents"]) for row in written] == [
        ("line", "10", "49"),
        ("subtotal", "10", "49"),
        ("total", "10", "49"),
        ("unrated", "1", ""),
    ]
    assert [row["record"] for row in typed] == [row["record"] for row in written]
    assert {row["bill"] for row in written} == {""}


def test_pages_lead_to_their_files(client, admin, bill):
    sign_in(client, admin)

    for page, names in (
        (reverse("billing:bill_view", args=[bill.number]), ["bill_csv", "bill_excel", "bill_xml"]),
        (reverse("billing:unbilled_view"), ["unbilled_csv", "unbilled_excel"]),
    ):
        links = [link.attributes["href"] for link in read(client.get(page)).all("a")]
        arguments = [bill.number] if "bill_csv" in names else []
        assert {reverse(f"billing:{name}", args=arguments) for name in names} <= set(links)
