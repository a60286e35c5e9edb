"""Staff keep fees and taxes in the back office; what bills have charged stays."""

import datetime as dt

import pytest

from accounts.models import Account, AuditEntry
from billing.models import Bill, RatePlan, RecurringFee, Tax
from tests import make
from tests.accuconf.staff_pages import add, change, errors, filled, log, page
from tests.pages import read, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

CHARGED = ["A bill has charged it: end it, and begin another one."]


@pytest.fixture
def visit(client, clerk):
    sign_in(client, clerk)
    return client


def new_fee(prefix, index=0, **typed):
    """Return what is sent for one more row of fees, the one at `index`."""
    row = {"name": "Service", "amount_cents": "19.95", "starts_on": "2026-03-01", **typed}
    fields = {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return {f"{prefix}-TOTAL_FORMS": index + 1, **fields}


@pytest.mark.parametrize(
    ("model", "prefix", "owner"), [(RatePlan, "fees", "plan"), (Account, "own_fees", "account")]
)
def test_fee_is_typed_in_currency_units(visit, account, model, prefix, owner):
    row = model.objects.get()

    change(visit, row, **new_fee(prefix))

    fee = RecurringFee.objects.get()
    assert (getattr(fee, owner), fee.amount_cents) == (row, 1995)
    entry = AuditEntry.objects.get()
    assert entry.verb == "added"
    assert entry.account == (row if model is Account else None)
    shown = filled(visit.get(page(model, "change", row.pk)))
    assert shown[f"{prefix}-0-amount_cents"] == "19.95"


def test_fee_left_as_it_is_has_not_changed(visit, plan):
    make.fee(plan=plan, amount_cents=1995)

    change(visit, plan)

    assert log() == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("amount_cents", "19.955", "Ensure that there are no more than 2 decimal places."),
        ("amount_cents", "0.49", "Ensure this value is greater than or equal to 0.50."),
        ("amount_cents", "99999999.99", "Ensure this value is less than or equal to 10000000.00."),
        ("amount_cents", "much", "Enter a number."),
        ("amount_cents", "", "This field is required."),
        ("name", "", "This field is required."),
        ("starts_on", "2026-02-30", "Enter a valid date."),
        ("ends_on", "2026-02-28", "It would end before it begins."),
    ],
)
def test_fee_that_cannot_be_is_refused_beside_its_field(visit, plan, field, value, sentence):
    response = change(visit, plan, **new_fee("fees", **{field: value}))

    assert errors(response) == {f"fees-0-{field}": [sentence]}
    assert filled(response)[f"fees-0-{field}"] == value
    assert not RecurringFee.objects.exists()


def test_fee_that_no_bill_has_charged_may_be_changed_and_deleted(visit, plan):
    make.fee(plan=plan, amount_cents=1995)

    change(visit, plan, **{"fees-0-name": "Base", "fees-0-amount_cents": "10"})
    change(visit, plan, **{"fees-0-DELETE": "on"})

    assert not RecurringFee.objects.exists()
    assert log() == [
        (
            "changed",
            "Monthly fee Base from 2024-01-01 of Standard",
            {"name": "Service fee", "amount_cents": 1995},
            {"name": "Base", "amount_cents": 1000},
        ),
        ("deleted", "Monthly fee Base from 2024-01-01 of Standard", {}, {}),
    ]


@pytest.fixture
def charged_fee(account, plan):
    fee = make.fee(plan=plan, amount_cents=1995)
    make.issued(account, "2026-03", dollars=10)
    return fee


@pytest.mark.parametrize(
    ("field", "value"), [("name", "Other"), ("amount_cents", "25"), ("starts_on", "2025-01-01")]
)
def test_charged_fee_is_neither_renamed_nor_made_dearer(visit, plan, charged_fee, field, value):
    response = change(visit, plan, **{f"fees-0-{field}": value})

    assert errors(response) == {f"fees-0-{field}": CHARGED}
    assert RecurringFee.objects.filter(amount_cents=1995, name=charged_fee.name).exists()


def test_charged_fee_is_not_deleted(visit, plan, charged_fee):
    response = change(visit, plan, **{"fees-0-DELETE": "on"})

    assert "protected related objects" in read(response).text
    assert RecurringFee.objects.exists()


@pytest.mark.parametrize(
    ("ends_on", "sentences"),
    [
        ("2026-03-31", {}),
        ("2026-03-30", {"fees-0-ends_on": ["A bill has charged it until March 31, 2026."]}),
    ],
)
def test_charged_fee_ends_after_what_was_charged(visit, plan, charged_fee, ends_on, sentences):
    response = change(visit, plan, **{"fees-0-ends_on": ends_on})

    assert (errors(response) if response.context else {}) == sentences


NEW_TAX = {
    "kind": "tax", "name": "State tax", "percent": "8.875", "on_calls": "on", "country": "US",
    "region": "NY", "starts_on": "2026-03-01",
}  # fmt: skip


def test_tax_is_added(visit):
    add(visit, Tax, **NEW_TAX)

    tax = Tax.objects.get()
    assert (str(tax), tax.country, tax.region) == ("State tax, 8.875%", "US", "NY")
    assert [(verb, subject) for verb, subject, *_ in log()] == [
        ("added", "Tax or surcharge State tax, 8.875%")
    ]
    listed = read(visit.get(page(Tax, "changelist"))).text
    assert "8.875% of calls, monthly fees" in listed
    assert "NY, United States of America" in listed


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        (
            {"on_calls": None, "on_fees": None},
            {"on_calls": ["Say of which lines it is a percentage."]},
        ),
        (
            {"kind": "surcharge", "on_surcharges": "on"},
            {"on_surcharges": ["Only a tax can be of surcharges."]},
        ),
        ({"country": ""}, {"country": ["Say in which country this state or region is."]}),
        ({"percent": "0"}, {"percent": ["Give a percentage above zero."]}),
        ({"percent": "101"}, {"percent": ["Ensure this value is less than or equal to 100."]}),
        (
            {"percent": "8.87501"},
            {"percent": ["Ensure that there are no more than 4 decimal places."]},
        ),
        ({"ends_on": "2026-02-01"}, {"ends_on": ["It would end before it begins."]}),
    ],
)
def test_tax_that_cannot_be_is_refused_beside_its_field(visit, typed, sentences):
    response = add(visit, Tax, **{**NEW_TAX, **typed})

    assert errors(response) == sentences
    assert not Tax.objects.exists()


@pytest.fixture
def charged_tax(account):
    tax = make.tax(percent="5")
    make.issued(account, "2026-03", dollars=10)
    return tax


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Other"), ("percent", "6"), ("kind", "surcharge"), ("country", "US")],
)
def test_charged_tax_stays_as_it_was(visit, charged_tax, field, value):
    response = change(visit, charged_tax, **{field: value})

    assert errors(response) == {field: CHARGED}


def test_charged_tax_can_be_ended_from_the_next_month_on(visit, charged_tax):
    too_early = change(visit, charged_tax, ends_on="2026-03-15")
    change(visit, charged_tax, ends_on="2026-04-15")

    assert errors(too_early) == {"ends_on": ["A bill has charged it until March 31, 2026."]}
    charged_tax.refresh_from_db()
    assert charged_tax.ends_on == dt.date(2026, 4, 15)


def test_charged_tax_is_not_deleted_and_another_is(visit, charged_tax):
    unused = make.tax(name="Never")

    for tax in (charged_tax, unused):
        visit.post(page(Tax, "delete", tax.pk), {"post": "yes"})

    assert list(Tax.objects.all()) == [charged_tax]
    assert log() == [("deleted", "Tax or surcharge Never, 5%", {}, {})]


def test_exemption_is_entered_on_the_page_of_its_account(visit, account):
    tax = make.tax()
    row = {"tax": tax.pk, "certificate": "NY-1", "starts_on": "2026-03-01"}
    typed = {f"tax_exemptions-0-{name}": value for name, value in row.items()}

    change(visit, account, **{"tax_exemptions-TOTAL_FORMS": 1, **typed})

    assert account.tax_exemptions.get().tax == tax
    assert AuditEntry.objects.get().account == account


def test_exemption_that_cannot_be_is_refused_beside_its_field(visit, account):
    row = {"starts_on": "2026-03-01", "ends_on": "2026-02-01", "certificate": ""}
    typed = {f"tax_exemptions-0-{name}": value for name, value in row.items()}

    response = change(visit, account, **{"tax_exemptions-TOTAL_FORMS": 1, **typed})

    assert errors(response) == {
        "tax_exemptions-0-certificate": ["This field is required."],
        "tax_exemptions-0-ends_on": ["It would end before it begins."],
    }


def test_plan_in_another_currency_is_refused_for_a_new_account(visit, plan):
    url = page(Account, "add")
    typed = filled(visit.get(url)) | {
        "number": "40999", "name": "Nova", "address_line1": "2 Side Street", "city": "Boston",
        "country": "US", "terms": "check", "currency": "EUR", "time_zone": "America/New_York",
        "activated_on": "2026-11-01", "plans-0-plan": plan.pk, "plans-0-starts_on": "2026-11-01",
    }  # fmt: skip

    response = visit.post(url, typed)

    assert errors(response) == {
        "plans-0-plan": ["The plan is in another currency than the account's."]
    }


def test_page_of_a_bill_shows_its_charges(visit, account, charged_tax):
    shown = read(visit.get(page(Bill, "change", account.bills.get().pk))).text

    assert "Sales tax Tax 5% of $10.00 $0.50" in shown
