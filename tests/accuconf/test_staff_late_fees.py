"""Staff keep the rules of late fees, and waive one on the page of a bill that is late."""

import pytest
from django.urls import reverse

from billing.models import Bill, LateFeeRule, LateFeeWaiver
from tests import make
from tests.accuconf.staff_pages import add, change, errors, page
from tests.pages import read, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def visit(client, clerk):
    sign_in(client, clerk)
    return client


@pytest.fixture
def late(plan):
    """The bill of a check payer that fell due on May 1 and is not paid."""
    make.late_fee(grace_days=0)
    return make.issued(make.account(terms="check", plan=plan), "2026-03", dollars=100)


def bill_page(name, bill):
    return reverse(f"admin:billing_bill_{name}", args=[bill.pk])


def shown(visit, bill):
    return read(visit.get(bill_page("change", bill))).text


def test_late_fee_is_waived_from_the_page_of_its_bill(visit, late):
    address = bill_page("waive_late_fee", late)
    assert address in visit.get(bill_page("change", late)).content.decode()

    for _ in range(2):
        response = visit.post(address, {"reason": "Our fault"}, follow=True)

    assert f"The late fee of bill {late} is waived." in read(response).text
    assert LateFeeWaiver.objects.get().reason == "Our fault"
    assert "Waived by Clara Clerk on" in shown(visit, late)
    assert address not in visit.get(bill_page("change", late)).content.decode()


def test_waiver_wants_a_reason(visit, late):
    response = visit.post(bill_page("waive_late_fee", late), {"reason": " "})

    assert response.context["form"].errors == {"reason": ["This field is required."]}
    assert not LateFeeWaiver.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_charged_late_fee_leads_to_a_credit_note(visit, late, method):
    *_, charging = [make.issued(late.account, month, dollars=0) for month in ("2026-04", "2026-05")]

    answer = getattr(visit, method)(bill_page("waive_late_fee", late), {"reason": "x"}, follow=True)

    words = f"$1.50 was charged by bill {charging} : give it back by a credit note ."
    assert words in read(answer).text
    assert bill_page("credit", charging) in answer.content.decode()
    assert words in shown(visit, late)
    assert not LateFeeWaiver.objects.exists()


def test_paid_bill_offers_no_waiver(visit, late):
    make.check(late.account, check_number="1", amount_cents=10_000, now=late.issued_at)

    answer = visit.get(bill_page("waive_late_fee", late), follow=True)

    assert bill_page("waive_late_fee", late) not in answer.content.decode()
    assert "there is no late fee to waive" in read(answer).text


def test_only_who_may_waives(client, late, clerk, admin):
    clerk.groups.clear()
    codes = []
    for person in (clerk, admin):
        sign_in(client, person)
        codes.append(client.post(bill_page("waive_late_fee", late), {"reason": "x"}).status_code)

    assert codes == [404, 404]
    assert not LateFeeWaiver.objects.exists()


def test_who_only_reads_bills_waives_nothing(client, late, clerk):
    sign_in(client, clerk)
    group = clerk.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_latefeewaiver"))

    assert client.post(bill_page("waive_late_fee", late), {"reason": "x"}).status_code == 403


NEW_LATE_FEE = {
    "currency": "usd", "starts_on": "2026-03-01", "percent": "1.5", "minimum_cents": "5",
    "grace_days": "5",
}  # fmt: skip


def test_late_fee_is_added_in_currency_units(visit):
    add(visit, LateFeeRule, **NEW_LATE_FEE)

    rule = LateFeeRule.objects.get()
    assert (rule.currency, rule.minimum_cents) == ("USD", 500)
    assert "$5.00" in read(visit.get(page(LateFeeRule, "changelist"))).text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("currency", "JPY", "Please write the code of a currency with cents, such as USD."),
        ("minimum_cents", "-1", "Ensure this value is greater than or equal to 0.00."),
        ("minimum_cents", "1.234", "Ensure that there are no more than 2 decimal places."),
        ("percent", "-1", "Ensure this value is greater than or equal to 0."),
        ("grace_days", "-1", "Ensure this value is greater than or equal to 0."),
    ],
)
def test_late_fee_that_cannot_be_is_refused_beside_its_field(visit, field, value, sentence):
    response = add(visit, LateFeeRule, **{**NEW_LATE_FEE, field: value})

    assert errors(response) == {field: [sentence]}


@pytest.fixture
def charged_rule():
    account = make.account(terms="check", plan=make.rate_plan(local="1"))
    rule = make.late_fee(grace_days=0)
    for month, dollars in (("2026-03", 100), ("2026-04", 0), ("2026-05", 0)):
        make.issued(account, month, dollars=dollars)
    assert Bill.objects.filter(charges__kind="late_fee").count() == 1
    return rule


def test_late_fee_that_was_charged_stays_as_it_was(visit, charged_rule):
    later = make.late_fee(starts_on="2026-06-02")

    response = change(visit, charged_rule, percent="2")
    visit.post(page(LateFeeRule, "delete", charged_rule.pk), {"post": "yes"})
    visit.post(page(LateFeeRule, "delete", later.pk), {"post": "yes"})

    words = "Bills were charged by it: begin another one on a later day."
    assert errors(response) == {"percent": [words]}
    assert list(LateFeeRule.objects.all()) == [charged_rule]
