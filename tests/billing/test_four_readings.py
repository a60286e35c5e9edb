"""The page, the PDF, the XML and the CSV of a bill say the same, to the cent."""

from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from accounts.models import Terms
from billing import pdf
from billing.models import BillCharge
from tests import make
from tests.billing.einvoices import attached
from tests.billing.readings import (
    Line,
    Reading,
    Sums,
    from_csv,
    from_page,
    from_pdf,
    from_xml,
    plain,
)
from tests.pages import sign_in


def recorded(bill):
    """What the bill's rows hold, in the shape of a reading."""
    lines = [
        Line(
            plain(line.conference_name),
            line.started_at.astimezone(ZoneInfo(bill.billing_zone)).replace(tzinfo=None),
            frozenset(line.access_types),
            plain(line.billing_code),
            line.participants,
            line.minutes,
            line.rate_per_minute,
            line.cost_cents,
        )
        for line in bill.lines.all()
    ]
    names = dict.fromkeys(line.conference for line in lines)
    return Reading(
        bill.currency,
        lines,
        [(name, Sums.of(one for one in lines if one.conference == name)) for name in names],
        Sums.of(lines),
        [(plain(charge.name), charge.amount_cents) for charge in bill.charges.all()],
        {
            item: getattr(bill, f"{item}_cents")
            for item in (
                "last_bill", "paid", "corrected", "overdue", "not_yet_due", "credits",
                "current_charges", "amount_due",
            )
        },
    )  # fmt: skip


@pytest.fixture
def no_calls(account):
    return make.frozen_bill(account=account, credits_cents=1250, amount_due_cents=-1250)


@pytest.fixture
def one_call(account):
    line = make.conference(account=account, billing_code="MKT-4711")
    return make.frozen_bill(account=account, lines=[(line, 1, 1, "0.005")])


@pytest.fixture
def many_calls(account):
    """Over several sheets, with accents, names like formulas, and sums over a thousand."""
    names = ["=SUM(A1)", "-Team", "Équipe – Łódź", "Συνάντηση", "Совещание"]
    lines = [
        make.conference(account=account, name=name, billing_code=f"@{name[:3]}") for name in names
    ]
    return make.frozen_bill(
        account=account, overdue_cents=123_456, credits_cents=123_456,
        lines=[(lines[i // 25], 1 + i % 7, 37 * i + 1, "0.042525") for i in range(125)],
    )  # fmt: skip


@pytest.fixture
def long_names(plan):
    account = make.account(plan=plan, name="The Worshipful Company of Callers " * 5)
    make.fee(plan=plan, name="Donaudampfschifffahrt" * 4)
    make.session(conference=make.conference(account=account, name="Donaudampfschifffahrt" * 9))
    make.session(conference=make.conference(account=account, name="Board of Directors " * 10))
    return make.issued(account, "2026-03", dollars=1)


@pytest.fixture
def euros(plan):
    account = make.account(plan=plan, currency="EUR", country="DE", terms=Terms.CHECK)
    lines = [(make.conference(account=account), 2, 30_000, "0.10")]
    return make.frozen_bill(account=account, lines=lines)


@pytest.mark.parametrize(
    "kind", ["no_calls", "one_call", "many_calls", "charged_bill", "long_names", "euros"]
)
def test_page_pdf_xml_and_csv_say_the_same_to_the_cent(client, request, kind):
    bill = request.getfixturevalue(kind)
    sign_in(client, make.user(account=bill.account, role="billing"))
    printed = pdf.render(bill)
    files = attached(printed)

    page = from_page(client.get(reverse("billing:bill_view", args=[bill.number])))

    wanted = recorded(bill)
    assert page == wanted
    assert from_pdf(printed) == wanted
    assert from_xml(files["factur-x.xml"]) == wanted
    assert from_csv(files[f"bill-{bill}.csv"]) == wanted


def test_bills_that_are_read_have_all_there_is(charged_bill, many_calls):
    assert {charge.kind for charge in charged_bill.charges.all()} == set(BillCharge.Kind)
    assert charged_bill.overdue_cents > 0
    assert many_calls.current_charges_cents > 100_000
