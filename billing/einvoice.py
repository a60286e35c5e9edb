"""A bill as an EN 16931 invoice in XML (UN/CEFACT CII, Factur-X): the one door to factur-x.

The terms of the standard are written by their numbers, such as BT-131, the net amount of a line.
Calls and monthly fees are its invoice lines. What is owed from before is no part of an invoice in
the standard, so the amount to pay is this month's current charges; the statement of the account
stands in notes.

Taxes on telephony in the United States are no VAT, and the standard has no other. So they are
charges on the whole invoice (BG-21), as are surcharges and late fees, and all of it is in category
O, "not subject to VAT": without a rate, with the reason, and without any VAT number of either
party, as rules BR-O-1 to BR-O-14 demand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Terms
from accounts.money import Money
from accounts.templatetags.dates import when
from billing.charges import sum_of
from billing.export import STATEMENT, decimal_text
from billing.models import Bill, BillCharge, BillLine
from billing.templatetags.payment import how_to_pay
from conferences.templatetags.access import access_labels

#: How Factur-X calls the file in a PDF, and the profile in the PDF's metadata.
FILE_NAME = "factur-x.xml"
PROFILE = "EN 16931"

#: UNTDID 1001: a commercial invoice. UNTDID 4451: general information.
COMMERCIAL_INVOICE, GENERAL_INFORMATION = "380", "AAI"
#: UNTDID 4461: by check, or by an online payment service, whatever is on file there.
PAYMENT_MEANS = {Terms.CHECK: "20", Terms.CARD: "68"}
#: UN/ECE Recommendation 20.
MINUTE, DAY = "MIN", "DAY"
NOT_SUBJECT_TO_VAT = {"category": "O", "code": "VATEX-EU-O", "reason": "Not subject to VAT"}
#: What XML 1.0 cannot hold, and people's texts may.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Terms of the standard by their numbers; factur-x has names for those of parties.
Fields = dict[str, Any]


def as_xml(bill: Bill) -> bytes:
    """Write `bill` in the profile EN 16931: the same bytes each time, and for whoever asks."""
    # Late: it brings along a PDF library and an HTTP client, and few processes write e-bills.
    from facturx import generate_cii_xml  # noqa: PLC0415

    with translation.override(settings.LANGUAGE_CODE), timezone.override(bill.billing_zone):
        invoice = _writable(_invoice(bill))
    # Its rules would be asked of a server elsewhere: the tests run them, and the schema too.
    return generate_cii_xml(invoice, level="en16931", check_xsd=False, check_schematron=None)


def _invoice(bill: Bill) -> Fields:
    charges = bill.charges.all()
    fees = [charge for charge in charges if charge.kind == BillCharge.Kind.FEE]
    others = [charge for charge in charges if charge.kind != BillCharge.Kind.FEE]
    lines = [*map(_call, bill.lines.all()), *map(_fee, fees)] or [_no_calls()]
    return {
        "BT-1": bill.label,
        "BT-2": bill.issued_on,
        "BT-3": COMMERCIAL_INVOICE,
        "BT-5": bill.currency,
        "BG-1": _statement(bill),
        "BG-4": _seller(bill),
        "BG-7": _buyer(bill),
        "BT-72": bill.month.last_day,
        "BT-73": bill.month.first_day,
        "BT-74": bill.month.last_day,
        **_payment(bill),
        **_totals(bill, beside_lines_cents=sum_of(others)),
        "BG-21": [_charge(charge) for charge in others],
        "BG-25": [{"BT-126": str(number), **line} for number, line in enumerate(lines, start=1)],
    }


def _statement(bill: Bill) -> list[Fields]:
    """Say what the bill's statement block says, an amount a note."""
    amounts = [
        (Bill._meta.get_field(f"{item}_cents").verbose_name, getattr(bill, f"{item}_cents"))
        for item in STATEMENT
    ]
    return [
        {"BT-21": GENERAL_INFORMATION, "BT-22": f"{capfirst(name)}: {Money(cents, bill.currency)}"}
        for name, cents in amounts
    ]


def _seller(bill: Bill) -> Fields:
    phone, email = bill.operator_contact
    return {
        "name": bill.operator_name,
        "legal_identifier": bill.operator_registration,
        "contacts": [{"phone": phone, "email": email}],
        **_address(bill.operator_address, bill.operator_country),
    }


def _buyer(bill: Bill) -> Fields:
    return {
        "name": bill.account_name,
        "identifiers": {None: bill.account_number},
        **_address(bill.account_address, bill.account_country),
    }


def _address(lines: Sequence[str], country: str) -> Fields:
    """Put the printed lines of an address into the three that the standard has."""
    first, second, *others = [*lines, "", ""]
    third = ", ".join(filter(None, others))
    return {"addr_l1": first, "addr_l2": second, "addr_l3": third, "country_code": country}


def _payment(bill: Bill) -> Fields:
    """Say how and by when it is paid, just as the page does: a day only where there is a debt."""
    return {
        "BT-9": bill.due_on if bill.amount_due_cents > 0 else None,
        "BT-20": how_to_pay(bill),
        "BT-81": PAYMENT_MEANS[bill.terms],
        "BT-82": bill.card_label,
        "BT-83": bill.label,
    }


def _totals(bill: Bill, *, beside_lines_cents: int) -> Fields:
    charges = decimal_text(bill.current_charges_cents)
    without_vat = {
        "BT-116": charges,
        "BT-117": decimal_text(0),
        "BT-118": NOT_SUBJECT_TO_VAT["category"],
        "BT-120": NOT_SUBJECT_TO_VAT["reason"],
        "BT-121": NOT_SUBJECT_TO_VAT["code"],
    }
    return {
        "BG-23": [without_vat],
        "BT-106": decimal_text(bill.current_charges_cents - beside_lines_cents),
        "BT-108": decimal_text(beside_lines_cents),
        "BT-109": charges,
        "BT-110": decimal_text(0),
        "BT-112": charges,
        "BT-115": charges,
    }


def _call(line: BillLine) -> Fields:
    """Write one session at one rate; its attributes are called as the columns of the CSV."""
    started_at = timezone.localtime(line.started_at)
    attributes = {
        "started_at": started_at.isoformat(),
        "access_types": " ".join(line.access_types),
        "participants": str(line.participants),
    }
    return {
        "BT-153": line.conference_name,
        "BT-154": f"{when(started_at)} · {access_labels(line.access_types)}",
        "BT-155": line.conference_number,
        "BG-32": [{"BT-160": name, "BT-161": value} for name, value in attributes.items()],
        "BT-133": line.billing_code,
        "BT-134": started_at.date(),
        "BT-135": started_at.date(),
        **_priced(line.minutes, MINUTE, price=str(line.rate_per_minute), cents=line.cost_cents),
    }


def _fee(charge: BillCharge) -> Fields:
    """Write a fee as its days at the price of a whole month, which is that of so many days."""
    return {
        "BT-153": charge.name,
        "BT-134": charge.first_day,
        "BT-135": charge.last_day,
        "BT-149": str(charge.days_of_month),
        **_priced(
            charge.days, DAY, price=decimal_text(charge.base_cents), cents=charge.amount_cents
        ),
    }


def _no_calls() -> Fields:
    """Write the line of a month with nothing else, since an invoice has at least one (BR-16)."""
    return {"BT-153": _("No calls this month"), **_priced(0, MINUTE, price="0", cents=0)}


def _priced(quantity: int, unit: str, *, price: str, cents: int) -> Fields:
    return {
        "BT-129": str(quantity),
        "BT-130": unit,
        "BT-146": price,
        "BT-131": decimal_text(cents),
        "BT-151": NOT_SUBJECT_TO_VAT["category"],
    }


def _charge(charge: BillCharge) -> Fields:
    """Write a surcharge, tax or late fee, with what it is a percentage of.

    A late fee that is a minimum is no percentage, and a receiver would reckon it anew.
    """
    reckoned = {"base_amount": decimal_text(charge.base_cents), "rate": str(charge.percent)}
    return {
        "reason": charge.name,
        "amount": decimal_text(charge.amount_cents),
        "vat_category_code": NOT_SUBJECT_TO_VAT["category"],
        **({} if charge.is_minimum else reckoned),
    }


def _writable(value: Any) -> Any:
    """Put a replacement character for what no XML can hold, in all texts within `value`."""
    if isinstance(value, str):
        return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_writable(one) for one in value]
    if isinstance(value, dict):
        return {key: _writable(one) for key, one in value.items()}
    return value
