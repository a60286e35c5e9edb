"""Staff correct bills in the back office: who may, what is told, and what was typed is kept."""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry
from billing.models import CreditNote, LineQuestion, RefundRequest, WriteOff
from billing.services import questions, refunds
from tests import make
from tests.pages import read, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def bill(account):
    return make.issued(account, "2026-03", dollars=1000)


@pytest.fixture
def approver(db):
    """Somebody who only decides."""
    call_command("make_staff_groups", verbosity=0)
    person = make.user(email="approver@meridian.example", name="Alma Approver")
    person.groups.add(Group.objects.get(name="Billing approvers"))
    return person


@pytest.fixture
def visit(client, clerk):
    sign_in(client, clerk)
    return client


def page(name, *arguments):
    return reverse(f"admin:billing_{name}", args=arguments)


def typed(bill, **more):
    return {"form_key": str(uuid.uuid4()), "reason": "Noise", **more}


def line_of(bill):
    return f"line_{bill.lines.get().pk}"


def test_clerk_issues_a_credit_note_from_the_bills_page(visit, bill):
    assert page("bill_credit", bill.pk) in visit.get(page("bill_change", bill.pk)).content.decode()

    response = visit.post(
        page("bill_credit", bill.pk), typed(bill, **{line_of(bill): "12.50"}), follow=True
    )

    assert "Credit note C000001 is issued: $12.50." in read(response).text
    assert CreditNote.objects.get().total_cents == 1250


def test_sending_the_form_twice_issues_one(visit, bill):
    sent = typed(bill, **{line_of(bill): "12.50"})

    for _ in range(2):
        visit.post(page("bill_credit", bill.pk), sent)

    assert CreditNote.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("1000.01", "more than is left of it"),
        ("0", "greater than or equal to 0.01"),
        ("-1", "greater than or equal to 0.01"),
        ("12.345", "no more than 2 decimal places"),
        ("1e99", "no more than"),
        ("NaN", "Enter a number"),
        ("many", "Enter a number"),
        ("", "at least one line"),
    ],
)
def test_amount_that_cannot_be_is_told_and_kept(visit, bill, amount, sentence):
    response = visit.post(page("bill_credit", bill.pk), typed(bill, **{line_of(bill): amount}))

    assert sentence in read(response).text
    assert response.context["form"][line_of(bill)].value() == amount
    assert not CreditNote.objects.exists()


def test_long_bill_is_credited_by_the_numbers_of_its_lines(visit, account, monkeypatch):
    monkeypatch.setattr("billing.admin.corrections.LINES_SHOWN", 1)
    line = make.conference(account=account)
    for seconds in (600, 1200):
        make.session(conference=line, legs=[(seconds, "local")])
    bill = make.issued(account, "2026-03", dollars=10)
    cheapest = bill.lines.order_by("cost_cents").first()
    address = page("bill_credit", bill.pk) + f"?lines={cheapest.position}"

    shown = visit.get(page("bill_credit", bill.pk))
    visit.post(address, typed(bill, **{f"line_{cheapest.pk}": "0.10"}))

    assert "Show only the lines numbered" in read(shown).text
    assert [line.cost_cents for line, _ in shown.context["form"].rows()] == [1000]
    assert CreditNote.objects.get().lines.get().bill_line == cheapest


def with_tax(account):
    """Return a bill of $100 of calls and $20 of fees, with 10 % of tax."""
    make.fee(account=account, amount_cents=2000)
    make.tax(percent="10")
    return make.issued(account, "2026-03", dollars=100)


def given_back(note):
    return list(note.lines.values_list("name", "amount_cents"))


def test_charge_is_credited_with_the_tax_on_it(visit, account):
    bill = with_tax(account)
    address = page("bill_credit", bill.pk)
    fee = bill.charges.get(kind="fee")
    shown = visit.get(address)

    visit.post(address, typed(bill, **{f"charge_{fee.pk}": "5.00"}, with_taxes="on"))

    assert shown.context["form"]["with_taxes"].value() is True
    assert "Sales tax 10% of $120.00 $12.00 $12.00" in read(shown).text
    assert given_back(CreditNote.objects.get()) == [("Service fee", 500), ("Sales tax", 50)]


def test_charge_is_credited_without_the_tax_where_that_is_unticked(visit, account):
    bill = with_tax(account)
    fee = bill.charges.get(kind="fee")

    visit.post(page("bill_credit", bill.pk), typed(bill, **{f"charge_{fee.pk}": "5.00"}))

    assert given_back(CreditNote.objects.get()) == [("Service fee", 500)]


def test_tax_with_an_amount_is_given_back_by_that(visit, account):
    bill = with_tax(account)
    amounts = {line_of(bill): "50", f"charge_{bill.charges.get(kind='tax').pk}": "1"}

    visit.post(page("bill_credit", bill.pk), typed(bill, **amounts, with_taxes="on"))

    assert [cents for _, cents in given_back(CreditNote.objects.get())] == [5000, 100]


def test_more_than_is_left_of_a_charge_is_told_and_kept(visit, account):
    bill = with_tax(account)
    name = f"charge_{bill.charges.get(kind='fee').pk}"

    response = visit.post(page("bill_credit", bill.pk), typed(bill, **{name: "20.01"}))

    assert response.context["form"].errors == {name: ["This is more than is left of it."]}
    assert response.context["form"][name].value() == "20.01"
    assert response.context["form"]["with_taxes"].value() is False


def test_clerk_writes_off_and_above_the_limit_is_sent_to_a_second_person(visit, bill):
    visit.post(page("bill_write_off", bill.pk), typed(bill, amount="10.00"))
    response = visit.post(
        page("bill_write_off", bill.pk), typed(bill, amount="600.00"), follow=True
    )

    assert "a second person has to allow it" in read(response).text
    states = WriteOff.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["booked", "asked"]


@pytest.fixture
def asked(account, clerk):
    """A refund above the limit that the clerk asked for."""
    check = make.check(account, check_number="1", amount_cents=90_000, now=timezone.now())
    return refunds.ask_refund(
        check,
        amount_cents=60_000,
        reason="x",
        check_number="7",
        form_key=uuid.uuid4(),
        by=Actor(user=clerk),
        now=timezone.now(),
    )


def test_refund_is_asked_for_on_the_page_of_its_payment(visit, account):
    check = make.check(account, check_number="1", amount_cents=5_000, now=timezone.now())
    address = page("refundrequest_ask", check.pk)
    assert address in visit.get(page("journalentry_change", check.pk)).content.decode()

    too_much = visit.post(address, typed(None, amount="50.01", check_number="7"))
    visit.post(address, typed(None, amount="50.00", check_number="7"))

    assert "more than can be given back" in read(too_much).text
    assert RefundRequest.objects.get().amount_cents == 5_000


def test_who_asked_cannot_allow_it_and_another_can(client, visit, asked, clerk, approver):
    clerk.groups.add(Group.objects.get(name="Billing approvers"))
    approve = page("refundrequest_approve", asked.pk)
    assert visit.post(approve).status_code == 403
    assert visit.get(approve).status_code == 404

    sign_in(client, approver)
    shown = client.get(page("refundrequest_change", asked.pk))
    client.post(approve)

    assert approve in shown.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("succeeded", approver)


def test_clerk_without_the_right_allows_nothing(visit, asked):
    assert visit.post(page("refundrequest_approve", asked.pk)).status_code == 403
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_who_asked_may_take_it_back(visit, asked):
    visit.post(page("refundrequest_decline", asked.pk))

    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("declined", None)


def test_approver_corrects_nothing_by_themselves(client, approver, bill):
    sign_in(client, approver)

    assert client.post(page("bill_credit", bill.pk), typed(bill)).status_code == 404
    assert client.post(page("refundrequest_ask", 1), typed(bill)).status_code == 403


def test_staff_answer_a_question(visit, bill, admin, clerk):
    question = questions.ask_about_line(
        bill.lines.get(), text="Who?", by=Actor(user=admin), now=timezone.now()
    )
    address = page("linequestion_answer", question.pk)
    shown = visit.get(page("linequestion_change", question.pk))
    assert address in shown.content.decode()

    visit.post(address, {"answer": "You."})

    assert LineQuestion.objects.get().answered_by == clerk
    assert AuditEntry.objects.filter(verb="answered", account=bill.account).count() == 1


@pytest.mark.parametrize("name", ["bill_credit", "bill_write_off", "refundrequest_ask"])
def test_customers_find_nothing_there(client, admin, bill, name):
    sign_in(client, admin)

    assert client.get(page(name, bill.pk)).status_code == 404
