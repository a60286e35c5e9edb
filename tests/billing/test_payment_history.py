"""The payment history: how each payment came, what it settled, and its receipt."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from billing.gateway import gateway
from billing.models import Book, JournalEntry, ReplacedCard
from billing.services import ledger
from billing.services.collect import collect
from tests import make
from tests.pages import card, facts, read, rows, sign_in

LIST = reverse("billing:payment_list")
APRIL_10 = dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC)
APRIL_2 = dt.datetime(2026, 4, 2, 16, tzinfo=dt.UTC)
pytestmark = pytest.mark.usefixtures("april_10")


@pytest.fixture
def bills(account):
    """$10.00 and $25.00."""
    return [make.issued(account, f"2026-0{number}", dollars=d) for number, d in ((2, 10), (3, 25))]


@pytest.fixture
def visit(client, biller):
    sign_in(client, biller)
    return client


def pay_by_check(account, cents, *, number="1001", now=APRIL_2):
    return make.check(account, check_number=number, amount_cents=cents, now=now)


def take_back(payment, kind="bounced", *, now=APRIL_10):
    return ledger.take_back(payment, kind=kind, reference=f"{kind}:1", now=now)


def history(visit):
    return rows(card(visit.get(LIST), "payments"))


def receipt_of(payment):
    return reverse("billing:receipt_view", args=[payment.pk])


def test_each_payment_says_how_it_came_and_what_it_settled(visit, account, bills):
    pay_by_check(account, 1500)
    pay_by_check(account, 2500, number="1002", now=APRIL_10)

    first, second = bills
    assert history(visit) == [
        [
            "Apr 10, 2026",
            "Payment Check 1002 Apr 10, 2026",
            f"Bill {second} : $20.00 Credit not used yet: $5.00",
            "$25.00",
        ],
        [
            "Apr 2, 2026",
            "Payment Check 1001 Apr 2, 2026",
            f"Bill {first} : $10.00 Bill {second} : $5.00",
            "$15.00",
        ],
    ]


def test_bounced_check_takes_its_payment_back(visit, account, bills):
    take_back(pay_by_check(account, 1000))

    assert history(visit) == [
        ["Apr 10, 2026", "Bounced check Check 1001 Apr 10, 2026", "", "−$10.00"],
        ["Apr 2, 2026", "Payment Check 1001 Apr 2, 2026", "Bounced check: $10.00", "$10.00"],
    ]


def test_refund_says_by_what_it_came(visit, account, bills):
    payment = pay_by_check(account, 4000)
    ledger.book(
        account,
        kind=JournalEntry.Kind.REFUND,
        reference="refund:1",
        now=APRIL_10,
        sides=[(Book.RECEIVABLE, 500), (Book.BANK, -500)],
        about=payment,
    )

    assert history(visit)[0] == ["Apr 10, 2026", "Refund Check 1001 Apr 10, 2026", "", "−$5.00"]


def test_no_payments_is_said(visit):
    assert "No payments yet" in read(visit.get(LIST)).text


@pytest.fixture
def charged(account, stripe_standin):
    """A bill that the card on file, a Visa, has paid by itself."""
    make.stripe_card(account)
    bill = make.issued(account, "2026-03", dollars=25)
    collect(bill.collection, gateway=gateway(), now=APRIL_2)
    return bill


def test_charge_names_the_card_on_file(visit, charged):
    assert [row[1] for row in history(visit)] == ["Payment Visa •••• 4242 Apr 2, 2026"]


def test_receipt_of_a_charge_names_it_as_the_card_processor_does(visit, charged):
    charge = JournalEntry.objects.payments().get()

    said = facts(card(visit.get(receipt_of(charge)), "payment"))

    assert (said["By"], said["Our reference"]) == ("Visa •••• 4242", charge.reference)


def replace_card(account, *, at):
    old = account.card.payment_method_id
    ReplacedCard.objects.create(account=account, payment_method_id=old, replaced_at=at)
    make.stripe_card(account, token="pm_card_mastercard")


def test_charge_names_the_card_of_then_where_another_is_on_file_by_now(visit, account, charged):
    replace_card(account, at=APRIL_10)

    assert [row[1] for row in history(visit)] == ["Payment Visa •••• 4242 Apr 2, 2026"]


def test_card_is_not_guessed_where_one_was_replaced_between_bill_and_charge(
    visit, account, charged
):
    replace_card(account, at=APRIL_2 - dt.timedelta(hours=1))

    assert [row[1] for row in history(visit)] == ["Payment Card Apr 2, 2026"]


def test_card_typed_in_on_the_pay_page_is_not_taken_for_the_one_on_file(visit, account, charged):
    charged.collection.attempts.update(is_by_customer=True, payment_method_id="pm_typed_in")

    assert [row[1] for row in history(visit)] == [
        "Payment Card entered on the Pay page Apr 2, 2026"
    ]


def test_receipt_says_what_was_paid_and_what_became_of_it(visit, account, bills):
    payment = pay_by_check(account, 1000)
    take_back(payment)

    page = visit.get(receipt_of(payment))

    assert facts(card(page, "payment")) == {
        "Amount": "$10.00",
        "Received": "Apr 2, 2026, 12:00 PM",
        "By": "Check 1001",
        "Settled": "Bounced check: $10.00",
    }
    assert rows(card(page, "since")) == [
        ["Apr 10, 2026", "Bounced check Check 1001 Apr 10, 2026", "", "−$10.00"]
    ]


def test_receipt_as_a_pdf_says_the_same(visit, account, bills):
    payment = pay_by_check(account, 1000)

    response = visit.get(reverse("billing:receipt_pdf", args=[payment.pk]))

    reader = PdfReader(io.BytesIO(b"".join(response.streaming_content)))
    words = " ".join(reader.pages[0].extract_text().split())
    assert f"Bill {bills[0]} $10.00" in words
    assert "Check 1001" in words
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_only_payments_of_the_account_have_receipts(visit, account, bills, stranger):
    bounced = take_back(pay_by_check(account, 1000))
    foreign = pay_by_check(stranger.account, 700)
    bill = JournalEntry.objects.get(reference=f"bill:{bills[0]}")

    answers = [visit.get(receipt_of(entry)).status_code for entry in (bounced, foreign, bill)]

    assert answers == [404, 404, 404]
    assert len(history(visit)) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_more_payments_take_no_more_queries(
    visit, account, bills, count, django_assert_num_queries
):
    for number in range(count):
        pay_by_check(account, 1, number=str(number))

    with django_assert_num_queries(6):
        response = visit.get(LIST)

    assert len(rows(card(response, "payments"))) == count
