"""Bills in the browser: the history, one bill, and its PDF."""

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.periods import Month
from billing.models import BillDocument, Collection
from tests import make
from tests.pages import card, facts, menu, read, rows, sign_in

LIST = reverse("billing:bill_list")
UNBILLED = reverse("billing:unbilled_view")
MARCH = Month(2026, 3, "America/New_York")
APRIL_10 = dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC)
PDF = b"%PDF-1.7 a bill"
pytestmark = pytest.mark.usefixtures("april_10")


@pytest.fixture
def on_check(account):
    account.terms = "check"
    account.save()
    return account


def page_of(bill):
    return reverse("billing:bill_view", args=[bill.number])


def pdf_of(bill):
    return reverse("billing:bill_pdf", args=[bill.number])


def make_pdf(bill, folder, settings):
    settings.MEDIA_ROOT = folder
    document = bill.document
    document.file.save("bill.pdf", ContentFile(PDF), save=False)
    document.sha256 = hashlib.sha256(PDF).hexdigest()
    document.size = len(PDF)
    document.made_at = bill.issued_at
    document.save()


def states(response):
    return [row[3] for row in rows(card(response, "history"))]


def test_history_shows_every_bill_newest_first(client, biller, on_check, stranger):
    first = make.issued(on_check, "2026-02", dollars=40)
    second = make.issued(on_check, "2026-03", dollars=2)
    make.issued(stranger.account, "2026-03", dollars=7)
    sign_in(client, biller)

    response = client.get(LIST)

    assert rows(card(response, "history")) == [
        [f"Mar 2026 {second}", "Apr 1, 2026", "May 1, 2026", "Open", "$2.00", "$42.00", "PDF"],
        [f"Feb 2026 {first}", "Mar 1, 2026", "Mar 31, 2026", "Overdue", "$40.00", "$40.00", "PDF"],
    ]
    assert menu(response) == ["Home", "Bills", "My Profile"]


def test_state_follows_the_ledger_and_the_collection(client, admin, on_check):
    bills = [make.issued(on_check, f"2026-0{month}", dollars=5) for month in (1, 2, 3)]
    make.check(on_check, check_number="1", amount_cents=700, now=APRIL_10)
    Collection.objects.create(
        bill=bills[2], amount_cents=800, currency="USD", state="processing", updated_at=APRIL_10
    )
    sign_in(client, admin)

    assert states(client.get(LIST)) == ["Processing", "Processing", "Paid"]


def test_bill_of_nothing_counts_as_paid(client, admin, on_check):
    make.issued(on_check, "2026-03", dollars=0)
    sign_in(client, admin)

    assert states(client.get(LIST)) == ["Paid"]


def test_new_customer_is_told_when_the_first_bill_comes(client, admin):
    sign_in(client, admin)

    history = card(client.get(LIST), "history")

    assert history.one("h3").text == "No bills yet"


@pytest.mark.parametrize("count", [1, 3])
def test_a_longer_history_takes_no_more_queries(
    client, admin, on_check, count, django_assert_num_queries
):
    for month in range(1, count + 1):
        make.issued(on_check, f"2026-0{month}", dollars=1)
    sign_in(client, admin)

    with django_assert_num_queries(4):
        response = client.get(LIST)

    assert len(rows(card(response, "history"))) == count


def test_bill_as_a_page_says_what_it_froze(client, admin, on_check):
    make.issued(on_check, "2026-02", dollars=40)
    make.check(on_check, check_number="1", amount_cents=1000, now=APRIL_10)
    bill = make.issued(on_check, "2026-03", dollars=2)
    sign_in(client, admin)

    response = client.get(page_of(bill))

    assert read(response).one("h1").text == "Bill for March 2026"
    assert rows(card(response, "statement")) == [
        ["Amount of the last bill", "$40.00"],
        ["Amount paid since", "$10.00"],
        ["Overdue", "$30.00"],
        ["Unpaid, not yet due", "$0.00"],
        ["Credits", "$0.00"],
        ["Current charges", "$2.00"],
        ["Amount due", "$32.00"],
    ]
    assert facts(card(response, "facts")) == {
        "Billing period": "Mar 1, 2026 – Mar 31, 2026",
        "Due": "May 1, 2026",
        "Payment": "Corporate check, 30 days",
        "Account number": on_check.number,
        "Billed to": "Aurora Robotics 1 Main Street Boston, MA 02110 United States of America",
    }


def test_detail_is_grouped_by_conference_with_sub_totals(client, admin, account):
    admin.time_zone = "Asia/Tokyo"
    admin.save()
    board = make.conference(account=account, name="Board")
    sales = make.conference(account=account, name="Sales & more")
    bill = make.frozen_bill(
        account=account, lines=[(board, 3, 100, "0.05"), (board, 1, 7, "0.0425"), (sales, 2, 1, 1)]
    )
    BillDocument.objects.create(bill=bill)
    sign_in(client, admin)

    detail = rows(card(client.get(page_of(bill)), "detail"))
    assert [row[:-1] for row in detail] == [
        ["Board , sub-total", "", "", "4", "107", "", "$5.30"],
        ["Mar 1, 2026, 1:00 AM Toll-free · Ask", "Toll-free", "–", "3", "100", "$0.0500", "$5.00"],
        ["Mar 1, 2026, 2:00 AM Toll-free · Ask", "Toll-free", "–", "1", "7", "$0.0425", "$0.30"],
        ["Sales & more , sub-total", "", "", "2", "1", "", "$1.00"],
        ["Mar 1, 2026, 3:00 AM Toll-free · Ask", "Toll-free", "–", "2", "1", "$1.0000", "$1.00"],
        ["Total", "", "", "6", "108", "", "$6.30"],
    ]
    assert [row[-1] for row in detail] == ["", "?", "?", "", "?", ""]


def test_long_bill_shows_sub_totals_that_lead_to_their_lines(client, admin, account, monkeypatch):
    monkeypatch.setattr("billing.views.detail.WHOLE_UP_TO", 2)
    monkeypatch.setattr("billing.views.detail.PAGE_SIZE", 2)
    board = make.conference(account=account, name="Board & Co. #1?")
    bill = make.frozen_bill(account=account, lines=[(board, 1, 10, "0.05")] * 3)
    BillDocument.objects.create(bill=bill)
    sign_in(client, admin)

    short = card(client.get(page_of(bill)), "detail")
    (link,) = [link.attributes["href"] for link in short.all("a")]
    lines = card(client.get(page_of(bill) + link), "detail")

    assert rows(short) == [["Board & Co. #1?", "3", "30", "$1.50"], ["Total", "3", "30", "$1.50"]]
    assert [row[-2] for row in rows(lines)] == ["$0.50", "$0.50", "$1.50"]
    assert client.get(page_of(bill), {"conference": "Other"}).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_longer_bill_takes_no_more_queries(
    client, admin, account, count, django_assert_num_queries
):
    names = [make.conference(account=account, name=f"Line {number}") for number in range(count)]
    bill = make.frozen_bill(account=account, lines=[(name, 1, 1, 1) for name in names])
    BillDocument.objects.create(bill=bill)
    sign_in(client, admin)

    with django_assert_num_queries(12):
        response = client.get(page_of(bill))

    assert len(rows(card(response, "detail"))) == 2 * count + 1


def test_pdf_comes_from_storage_with_its_name_and_hash(client, biller, account, tmp_path, settings):
    bill = make.issued(account, "2026-03", dollars=5)
    make_pdf(bill, tmp_path, settings)
    sign_in(client, biller)

    response = client.get(pdf_of(bill))
    again = client.get(pdf_of(bill), headers={"If-None-Match": response["ETag"]})

    assert b"".join(response.streaming_content) == PDF
    assert {name: response[name] for name in ("Content-Type", "Content-Disposition", "ETag")} == {
        "Content-Type": "application/pdf",
        "Content-Disposition": f'inline; filename="bill-{bill}.pdf"',
        "ETag": f'"{hashlib.sha256(PDF).hexdigest()}"',
    }
    assert response["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_pdf_that_is_not_made_yet_says_so(client, admin, account):
    bill = make.issued(account, "2026-03", dollars=5)
    sign_in(client, admin)

    response = client.get(pdf_of(bill))

    assert response.status_code == 202
    assert read(response).one("h1").text == "The PDF is being made"


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(PDF[:-1])])
def test_pdf_that_is_missing_or_damaged_says_so_and_is_logged(
    client, admin, account, tmp_path, settings, caplog, damage
):
    bill = make.issued(account, "2026-03", dollars=5)
    make_pdf(bill, tmp_path, settings)
    damage(Path(bill.document.file.path))
    sign_in(client, admin)

    response = client.get(pdf_of(bill))

    assert response.status_code == 503
    assert read(response).one("h1").text == "The PDF cannot be shown"
    (logged,) = (one for one in caplog.records if one.name == "billing.views.pdf")
    assert (logged.levelname, str(bill) in logged.getMessage()) == ("ERROR", True)


@pytest.mark.parametrize("address", [page_of, pdf_of])
def test_another_accounts_bill_looks_like_one_that_never_was(client, admin, stranger, address):
    foreign = make.issued(stranger.account, "2026-03", dollars=5)
    sign_in(client, admin)

    not_theirs = client.get(address(foreign))
    foreign.number = 987654
    never = client.get(address(foreign))

    assert (not_theirs.status_code, never.status_code) == (404, 404)
    assert not_theirs.content == never.content


@pytest.mark.parametrize("role", ["basic", "schedule"])
def test_roles_without_bills_get_none(client, account, role):
    bill = make.issued(account, "2026-03", dollars=5)
    sign_in(client, make.user(account=account, role=role))

    statuses = [
        client.get(url).status_code for url in (LIST, UNBILLED, page_of(bill), pdf_of(bill))
    ]

    assert statuses == [403, 403, 404, 404]
