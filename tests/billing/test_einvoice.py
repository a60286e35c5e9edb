"""The XML of a bill: an invoice by the schema and the rules of EN 16931, to the last cent."""

import facturx
import pytest

from accounts.models import Terms
from accounts.periods import Month
from billing import einvoice
from tests import make
from tests.billing.einvoices import Invoice, broken_rules

MARCH = Month(2026, 3, "America/New_York")
APRIL = MARCH.next()


def invoice_of(bill):
    return Invoice(einvoice.as_xml(bill))


def bill_of(account, *lines, **fields):
    """`lines` are (minutes, rate) of calls on one line."""
    conference = make.conference(account=account, name="Équipe", number="5551", **fields)
    calls = [(conference, 3, minutes, rate) for minutes, rate in lines]
    return make.frozen_bill(account=account, lines=calls, number=123)


@pytest.fixture
def bills(plan, charged_bill):
    """Bills of all kinds: none, one and many calls; both terms; charges; two currencies."""
    card, check, euros = (
        make.account(plan=plan, terms=terms, name=name, **fields)
        for terms, name, fields in (
            (Terms.CARD, "Ægir & <Søn>", {}),
            (Terms.CHECK, "Borealis", {"address_line2": "Floor 2", "country": "CA"}),
            (Terms.CHECK, "Łódź", {"currency": "EUR", "country": "PL"}),
        )
    )
    line = make.conference(account=check, name="R&D <core>", billing_code="=4711")
    euro = make.conference(account=euros, name="Совещание")
    return [
        charged_bill,
        make.frozen_bill(account=card),
        make.frozen_bill(account=card, month=APRIL, card_label="", credits_cents=500,
            amount_due_cents=-500),
        make.frozen_bill(account=check, lines=[(line, 1, 1, "0.005")]),
        make.frozen_bill(account=euros, lines=[(euro, 9, 7 * i, "0.042525") for i in range(40)]),
    ]  # fmt: skip


def test_every_bill_keeps_the_schema_and_the_rules_of_en_16931(bills):
    written = [einvoice.as_xml(bill) for bill in bills]

    assert all(facturx.xml_check_xsd(xml, "factur-x", "en16931") for xml in written)
    assert broken_rules(*written) == [[]] * 5


def test_an_invoice_that_does_not_add_up_breaks_a_rule(account):
    xml = einvoice.as_xml(bill_of(account, (100, "0.049")))

    amount = b"<ram:LineTotalAmount>%s</ram:LineTotalAmount>"
    (broken,) = broken_rules(xml.replace(amount % b"4.90", amount % b"4.91", 1))

    assert [rule.partition("]")[0] for rule in broken] == ["[BR-CO-10", "[BR-O-08"]


def test_a_call_is_a_line_of_minutes_at_its_rate(account):
    bill = bill_of(account, (100, "0.042525"), billing_code="MKT-1")

    (line,) = invoice_of(bill).lines

    assert line.text("ram:LineID") == "1"
    assert line.text("ram:SpecifiedTradeProduct/ram:Name") == "Équipe"
    assert line.text("ram:SellerAssignedID") == "5551"
    assert line.text("ram:SpecifiedTradeProduct/ram:Description") == (
        "Mar 1, 2026, 1:00\N{NO-BREAK SPACE}AM · Toll-free"
    )
    assert line.text("ram:BilledQuantity") == "100"
    assert line.element.find(".//*[@unitCode]").attrib == {"unitCode": "MIN"}
    assert line.text("ram:ChargeAmount") == "0.042525"
    assert line.text("ram:LineTotalAmount") == "4.25"
    assert line.text("ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID") == "MKT-1"
    assert line.text("ram:StartDateTime/") == line.text("ram:EndDateTime/") == "20260301"
    assert line.attributes == {
        "started_at": "2026-03-01T01:00:00-05:00",
        "access_types": "toll_free",
        "participants": "3",
    }


def test_a_month_of_no_calls_has_one_line_that_says_so(account):
    invoice = invoice_of(bill_of(account))

    (line,) = invoice.lines
    assert line.text("ram:SpecifiedTradeProduct/ram:Name") == "No calls this month"
    assert line.text("ram:LineTotalAmount") == "0.00"
    assert invoice.text("ram:DuePayableAmount") == "0.00"


def test_a_fee_is_a_line_of_its_days_at_the_price_of_the_month(charged_bill):
    _call, fee, _whole = invoice_of(charged_bill).lines

    assert fee.name == "Line rental"
    assert fee.text("ram:ChargeAmount") == "10.00"
    assert fee.text("ram:BasisQuantity") == "30"
    assert fee.text("ram:BilledQuantity") == "19"
    assert {found.get("unitCode") for found in fee.element.iterfind(".//*[@unitCode]")} == {"DAY"}
    assert fee.text("ram:LineTotalAmount") == "6.33"
    assert fee.text("ram:StartDateTime/") == "20260612"
    assert fee.text("ram:EndDateTime/") == "20260630"


def test_surcharges_taxes_and_late_fees_are_charges_on_the_invoice(charged_bill):
    invoice = invoice_of(charged_bill)

    charges = "ram:SpecifiedTradeAllowanceCharge"
    assert invoice.texts(f"{charges}//udt:Indicator") == ["true"] * 3
    assert invoice.charges == [
        ("Regulatory recovery", 229),
        ("Sales tax, MA", 227),
        ("Late fee for bill 000001", 51),
    ]
    assert invoice.texts(f"{charges}/ram:CalculationPercent") == ["6.3250", "6.2500", "1.5000"]
    assert invoice.texts(f"{charges}/ram:BasisAmount") == ["36.28", "36.28", "33.71"]


def test_a_late_fee_raised_to_its_minimum_names_no_percentage(plan):
    account = make.account(plan=plan, terms=Terms.CHECK, activated_on=APRIL.first_day)
    make.late_fee(percent="1.5", minimum_cents=500)
    for month in ("2026-04", "2026-05"):
        make.issued(account, month, dollars=10)

    invoice = invoice_of(make.issued(account, "2026-06", dollars=10))

    assert [cents for _name, cents in invoice.charges] == [500]
    assert invoice.texts("ram:CalculationPercent") == []
    assert invoice.texts("ram:SpecifiedTradeAllowanceCharge/ram:BasisAmount") == []


def test_the_invoice_is_about_this_months_charges_only(account):
    bill = make.frozen_bill(
        account=account, lines=[(make.conference(account=account), 3, 100, "0.049")],
        last_bill_cents=9000, paid_cents=4000, overdue_cents=5000, amount_due_cents=5490,
    )  # fmt: skip

    invoice = invoice_of(bill)

    assert invoice.text("ram:GrandTotalAmount") == invoice.text("ram:DuePayableAmount") == "4.90"
    assert invoice.texts("ram:IncludedNote/ram:Content") == [
        "Amount of the last bill: $90.00",
        "Amount paid since: $40.00",
        "Corrections since: $0.00",
        "Overdue: $50.00",
        "Unpaid, not yet due: $0.00",
        "Credits: $0.00",
        "Current charges: $4.90",
        "Amount due: $54.90",
    ]


def test_nothing_is_subject_to_vat(account):
    invoice = invoice_of(bill_of(account, (100, "0.049")))

    assert set(invoice.texts("ram:CategoryCode")) == {"O"}
    assert invoice.text("ram:ExemptionReasonCode") == "VATEX-EU-O"
    assert invoice.text("ram:TaxTotalAmount") == "0.00"
    assert invoice.texts("ram:RateApplicablePercent") == []


def test_both_parties_are_as_printed_with_their_countries(plan):
    account = make.account(
        plan=plan, name="Łódź", number="4711", address_line2="2nd floor", country="PL"
    )

    invoice = invoice_of(bill_of(account))

    buyer = "ram:BuyerTradeParty"
    assert invoice.text(f"{buyer}/ram:ID") == "4711"
    assert invoice.text(f"{buyer}/ram:Name") == "Łódź"
    assert invoice.texts(f"{buyer}/ram:PostalTradeAddress/*") == [
        "1 Main Street", "2nd floor", "Boston, MA 02110, Poland", "PL",
    ]  # fmt: skip
    seller = "ram:SellerTradeParty"
    assert invoice.text(f"{seller}/ram:Name") == "Meridian Conferencing, Inc."
    assert invoice.text(f"{seller}/ram:SpecifiedLegalOrganization/ram:ID") == "04-3210987"
    assert invoice.text(f"{seller}//ram:URIID") == "billing@meridian.example"


@pytest.mark.parametrize(
    ("terms", "means", "due", "words"),
    [
        (Terms.CARD, "68", "20260401", "Will be charged to Visa •••• 4242 on Apr 1, 2026."),
        (Terms.CHECK, "20", "20260501", "Payable by check within 30 days, by May 1, 2026."),
    ],
)
def test_payment_is_due_as_the_bill_says(plan, terms, means, due, words):
    bill = bill_of(make.account(plan=plan, terms=terms), (100, "0.049"))

    invoice = invoice_of(bill)

    assert invoice.text("ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode") == means
    assert invoice.text("ram:DueDateDateTime/") == due
    assert invoice.text("ram:PaymentReference") == "000123"
    assert invoice.text("ram:SpecifiedTradePaymentTerms/ram:Description") == words


def test_a_bill_with_nothing_to_pay_has_no_due_date(account):
    invoice = invoice_of(bill_of(account))

    assert invoice.texts("ram:DueDateDateTime/") == []
    assert invoice.text("ram:SpecifiedTradePaymentTerms/ram:Description") == "Nothing to pay."


def test_the_month_is_the_invoicing_period(account):
    invoice = invoice_of(bill_of(account))

    period = "ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod"
    assert invoice.text(f"{period}/ram:StartDateTime/") == "20260301"
    assert invoice.text(f"{period}/ram:EndDateTime/") == "20260331"


def test_the_xml_does_not_depend_on_who_asks(account, settings, django_assert_num_queries):
    bill = bill_of(account, (100, "0.049"))
    first = einvoice.as_xml(bill)

    settings.TIME_ZONE, settings.OPERATOR_COUNTRY = "Asia/Tokyo", "JP"
    account.name, account.country = "Renamed since", "MX"
    account.save()

    bill = type(bill).objects.get(pk=bill.pk)
    with django_assert_num_queries(2):  # its lines and its charges
        assert einvoice.as_xml(bill) == first


def test_what_xml_cannot_hold_is_replaced(plan):
    account = make.account(plan=plan, name="a\x01b\x0bc\ufffe]]>&<d")

    invoice = invoice_of(bill_of(account))

    assert invoice.text("ram:BuyerTradeParty/ram:Name") == "a\ufffdb\ufffdc\ufffd]]>&<d"
