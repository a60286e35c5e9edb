"""Staff waive the late fee on the page of a bill that is late."""

import pytest
from django.urls import reverse

from billing.models import LateFeeWaiver
from tests import make
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


def page(name, bill):
    return reverse(f"admin:billing_bill_{name}", args=[bill.pk])


def shown(visit, bill):
    return read(visit.get(page("change", bill))).text


def test_late_fee_is_waived_from_the_page_of_its_bill(visit, late):
    address = page("waive_late_fee", late)
    assert address in visit.get(page("change", late)).content.decode()

    for _ in range(2):
        response = visit.post(address, {"reason": "Our fault"}, follow=True)

    assert f"The late fee of bill {late} is waived." in read(response).text
    assert LateFeeWaiver.objects.get().reason == "Our fault"
    assert "Waived by Clara Clerk on" in shown(visit, late)
    assert address not in visit.get(page("change", late)).content.decode()


def test_waiver_wants_a_reason(visit, late):
    response = visit.post(page("waive_late_fee", late), {"reason": " "})

    assert response.context["form"].errors == {"reason": ["This field is required."]}
    assert not LateFeeWaiver.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_charged_late_fee_leads_to_a_credit_note(visit, late, method):
    *_, charging = [make.issued(late.account, month, dollars=0) for month in ("2026-04", "2026-05")]

    answer = getattr(visit, method)(page("waive_late_fee", late), {"reason": "x"}, follow=True)

    words = f"$1.50 was charged by bill {charging} : give it back by a credit note ."
    assert words in read(answer).text
    assert page("credit", charging) in answer.content.decode()
    assert words in shown(visit, late)
    assert not LateFeeWaiver.objects.exists()


def test_paid_bill_offers_no_waiver(visit, late):
    make.check(late.account, check_number="1", amount_cents=10_000, now=late.issued_at)

    answer = visit.get(page("waive_late_fee", late), follow=True)

    assert page("waive_late_fee", late) not in answer.content.decode()
    assert "there is no late fee to waive" in read(answer).text


def test_only_who_may_waives(client, late, clerk, admin):
    clerk.groups.clear()
    codes = []
    for person in (clerk, admin):
        sign_in(client, person)
        codes.append(client.post(page("waive_late_fee", late), {"reason": "x"}).status_code)

    assert codes == [404, 404]
    assert not LateFeeWaiver.objects.exists()


def test_who_only_reads_bills_waives_nothing(client, late, clerk):
    sign_in(client, clerk)
    group = clerk.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_latefeewaiver"))

    assert client.post(page("waive_late_fee", late), {"reason": "x"}).status_code == 403
