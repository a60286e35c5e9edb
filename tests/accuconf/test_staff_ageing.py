"""The back office's ageing report: its page, and the same as files."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Terms
from tests import make
from tests.pages import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def owing(plan):
    """An account that owes $10.00, due on March 3."""
    account = make.account(name="Aurora Robotics", terms=Terms.CHECK, plan=plan)
    make.issued(account, "2026-01", dollars=10)
    return account


def test_page_and_files_agree(client, clerk, owing):
    sign_in(client, clerk)
    asked = {"on": "2026-03-10"}

    page = client.get(reverse("admin:billing_ageing"), asked)
    lines = b"".join(client.get(reverse("admin:billing_ageing_csv"), asked)).decode("utf-8-sig")
    excel = b"".join(client.get(reverse("admin:billing_ageing_excel"), asked))

    amounts = [0, 10, 0, 0, 0, 0, 10]
    assert [row.cents for row in page.context["page"]] == [tuple(100 * one for one in amounts)]
    head, row = csv.reader(io.StringIO(lines))
    assert head[-1] == "Owes"
    assert row[:3] == [owing.number, owing.name, "USD"]
    assert [Decimal(cell) for cell in row[3:]] == amounts
    sheet = openpyxl.load_workbook(io.BytesIO(excel)).active
    assert [cell.value for cell in list(sheet)[1]][3:] == amounts
    assert (
        list(AuditEntry.objects.values_list("verb", "subject"))
        == [("exported", "ageing-2026-03-10")] * 2
    )


@pytest.mark.parametrize("day", ["2199-01-01", "soon", ""])
def test_day_that_cannot_be_is_refused(client, clerk, owing, day):
    sign_in(client, clerk)

    page = client.get(reverse("admin:billing_ageing"), {"on": day})

    assert page.context["form"].errors["on"]
    assert client.get(reverse("admin:billing_ageing_csv"), {"on": day}).status_code == 400


@pytest.mark.parametrize("name", ["ageing", "ageing_csv", "ageing_excel"])
def test_report_is_for_staff_with_the_right(client, admin, owing, name):
    url = reverse(f"admin:billing_{name}")

    assert client.get(url).status_code == 302
    sign_in(client, make.user(email="new@meridian.example"))
    assert client.get(url).status_code == 403
    sign_in(client, admin)
    assert client.get(url).status_code == 404
