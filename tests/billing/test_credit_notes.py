"""Credit notes: by line, at most what was billed, numbered without a gap, and never changed."""

import datetime as dt
import io
import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from accounts.actors import Actor
from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from billing.gateway import gateway
from billing.models import Collection, CreditNote, CreditNoteLine
from billing.services import collect, documents, ledger
from billing.services.credit_notes import CreditTooHigh, NothingToCredit, issue_credit_note
from tests import make
from tests.children import run_together
from tests.pages import card, read, rows, sign_in

NOW = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def bill(account, admin):
    return make.issued(account, "2026-03", dollars=25)


@pytest.fixture
def credit(bill, staff):
    """Give cents of the bill's only line back."""

    def credit(cents, *, of=bill, form_key=None):
        return issue_credit_note(
            of,
            amounts={of.lines.get().pk: cents},
            reason="The line was noisy.",
            form_key=form_key or uuid.uuid4(),
            by=Actor(user=staff),
            now=NOW,
        )

    return credit


def unpaid(account):
    return [bill.unpaid_cents for bill in account.bills.with_unpaid().order_by("number")]


def test_credit_note_settles_its_own_bill_first(account, credit):
    second = make.issued(account, "2026-04", dollars=5)

    credit(500, of=second)

    assert unpaid(account) == [2500, 0]
    assert ledger.balance_cents(account) == 2500


def test_what_the_bill_does_not_need_settles_the_oldest_and_stays_as_credit(account, bill, credit):
    make.check(account, check_number="1", amount_cents=2500, now=NOW)

    note = credit(700)

    assert ledger.balance_cents(account) == -700
    assert ledger.unapplied_cents(account) == 700
    assert {side.book: side.amount_cents for side in note.entry.postings.all()} == {
        "credit_notes": 700,
        "receivable": -700,
    }


def test_next_bill_says_what_was_corrected_since(account, bill, credit):
    credit(700)

    second = make.issued(account, "2026-04", dollars=5)

    assert (second.last_bill_cents, second.paid_cents, second.corrected_cents) == (2500, 0, 700)
    assert second.amount_due_cents == 2500 - 700 + 500


def test_no_more_is_given_back_of_a_line_than_is_left(bill, credit):
    credit(2000)

    with pytest.raises(CreditTooHigh):
        credit(501)

    credit(500)
    assert CreditNote.objects.count() == 2


def test_nothing_is_no_credit_note(bill, credit):
    with pytest.raises(NothingToCredit):
        credit(0)


def test_line_of_another_bill_is_not_credited(account, bill, staff):
    other = make.issued(account, "2026-04", dollars=5)
    amounts = {other.lines.get().pk: 100}

    with pytest.raises(NothingToCredit):
        issue_credit_note(
            bill,
            amounts=amounts,
            reason="x",
            form_key=uuid.uuid4(),
            by=Actor(user=staff),
            now=NOW,
        )


def test_form_sent_twice_makes_one(bill, credit):
    key = uuid.uuid4()

    assert credit(100, form_key=key) == credit(100, form_key=key)
    assert CreditNote.objects.count() == 1


def test_numbers_have_no_gap_though_one_was_rolled_back(bill, credit):
    first = credit(100)
    with transaction.atomic():
        credit(100)
        transaction.set_rollback(True)

    assert [first.number, credit(100).number] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_give_a_line_back_twice(bill, credit):
    def give_back():
        try:
            credit(2000)
        except CreditTooHigh:
            connection.close()

    run_together(give_back, give_back)

    assert CreditNote.objects.get().total_cents == 2000


def test_readers_get_a_letter_and_the_log_says_who(bill, credit, admin, mailoutbox):
    note = credit(700)

    list(send_due_letters(now=NOW))

    assert Letter.objects.filter(kind="credit_note").count() == 1
    assert mailoutbox[-1].subject == "Credit note C000001: $7.00"
    assert note.get_absolute_url() in mailoutbox[-1].body
    entry = AuditEntry.objects.get(verb="issued")
    assert (entry.account, entry.after["total"]) == (note.account, "$7.00")


def test_pdf_is_made_once_and_kept(account, bill, credit, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    document = documents.make_document(credit(700).document, now=NOW)

    pdf = PdfReader(io.BytesIO(documents.read_document(document)))
    text = pdf.pages[0].extract_text()
    printed = ["C000001", "The line was noisy.", "$7.00", "$25.00", account.name]
    assert [words for words in printed if words not in text] == []
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.trailer["/Root"]["/Metadata"].get_data()
    assert document.filename == "credit-note-C000001.pdf"
    again = documents.make_document(document, now=NOW + dt.timedelta(days=1))
    assert (again.sha256, again.made_at) == (document.sha256, NOW)


def test_customer_reads_it_beside_the_bill_and_in_the_list(
    client, bill, credit, biller, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    note = credit(700)
    sign_in(client, biller)

    page = client.get(bill.get_absolute_url())
    waiting = client.get(note.get_absolute_url())
    documents.make_document(note.document, now=NOW)
    served = client.get(note.get_absolute_url())

    assert rows(card(page, "credit-notes")) == [
        ["C000001 Apr 2, 2026", "The line was noisy.", "$7.00", "PDF"]
    ]
    assert "$7.00 credited" in read(client.get(reverse("billing:bill_list"))).text
    assert (waiting.status_code, served["Content-Type"]) == (202, "application/pdf")
    assert b"".join(served).startswith(b"%PDF")


def test_card_is_charged_only_for_what_the_credit_note_left(account, stripe_standin, staff, admin):
    make.stripe_card(account, token="pm_card_chargeCustomerFail")
    bill = make.issued(account, "2026-03", dollars=25)
    declined = collect.collect(bill.collection, gateway=gateway(), now=NOW)
    make.stripe_card(account)
    Collection.objects.filter(pk=declined.pk).update(state="open")  # as a new card does
    make.credit_note(bill, cents=1000, by=staff)

    for _ in range(2):
        collect.collect(bill.collection, gateway=gateway(), now=NOW)

    assert stripe_standin.charges() == [1500]
    assert ledger.balance_cents(account) == 0


def test_database_refuses_a_line_that_joins_later(account, bill, credit):
    note = credit(700)
    other = make.issued(account, "2026-04", dollars=5).lines.get()

    with pytest.raises(DatabaseError, match="no line can join"), transaction.atomic():
        CreditNoteLine.objects.bulk_create([copy_of(note.lines.get(), position=2, bill_line=other)])


def test_database_refuses_more_than_was_billed(bill, credit):
    note = credit(2000)
    line = copy_of(note.lines.get(), note_id=note.pk + 1000)

    with pytest.raises(DatabaseError, match="than was billed"), transaction.atomic():
        CreditNoteLine.objects.bulk_create([line])


def copy_of(line, **changes):
    copy = CreditNoteLine.objects.get(pk=line.pk)
    copy.pk = None
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy
