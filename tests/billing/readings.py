"""What a bill says of money, read from its page, PDF, XML and CSV into one shape.

Each reading knows only what its reader would see, no model. White space in names does not count,
since paper breaks lines anywhere.
"""

import csv
import datetime as dt
import io
import re
from decimal import Decimal
from typing import NamedTuple

from conferences.models import AccessType
from tests.billing.einvoices import Invoice, cents_of
from tests.billing.tagged import table_rows
from tests.pages import read

#: The statement's amounts by what they are called on paper and in the notes of the XML.
STATEMENT = {
    "Amount of the last bill": "last_bill",
    "Amount paid since": "paid",
    "Credit notes and corrections since": "corrected",
    "Corrections since": "corrected",
    "Overdue": "overdue",
    "Unpaid, not yet due": "not_yet_due",
    "Credits": "credits",
    "Current charges": "current_charges",
    "Amount due": "amount_due",
}
ACCESS = {str(kind.label): kind.value for kind in AccessType}
AMOUNT = re.compile(r"(?P<sign>−?)(?P<symbol>\$|[A-Z]{3} )(?P<number>[\d,]+\.\d+)")


class Line(NamedTuple):
    """One session at one rate; when it began by the clocks of the billing zone."""

    conference: str
    started_at: dt.datetime
    access: frozenset
    billing_code: str
    participants: int
    minutes: int
    rate: Decimal
    cents: int


class Sums(NamedTuple):
    """A sub-total of the lines of a conference name, or the total of all."""

    participants: int = 0
    minutes: int = 0
    cents: int = 0

    @classmethod
    def of(cls, lines):
        lines = list(lines)
        return cls(*(sum(getattr(line, name) for line in lines) for name in cls._fields))


class Reading(NamedTuple):
    """All that one form of a bill says."""

    currency: str
    lines: list
    subtotals: list  # of (conference name, Sums)
    total: Sums
    charges: list  # of (name, cents)
    statement: dict


def from_page(response):
    """Read the page of a bill that shows all of its detail."""
    sections = {
        part.attributes.get("aria-labelledby"): part for part in read(response).all("section")
    }
    rows = {name: [_cells(row) for row in part.all("tr")] for name, part in sections.items()}
    lines, subtotals, total = [], [], Sums()
    for first, *cells in rows["detail"][1:]:
        if first.endswith(", sub-total"):
            subtotals.append((plain(first.removesuffix(", sub-total")), _sums(cells)))
        elif first == "Total":
            total = _sums(cells)
        else:
            lines.append(_line(subtotals[-1][0], first, *cells[:6]))
    charges = [(name, cells[-1]) for name, *cells in rows.get("charges", [])[1:]]
    return _printed(lines, subtotals, total, charges, rows["statement"])


def _cells(row):
    """Return what the cells of a row say on a wide screen."""
    return [_wide_text(cell) for cell in row.children if not isinstance(cell, str)]


def _wide_text(cell):
    shown = [
        part if isinstance(part, str) else part.text
        for part in cell.children
        if isinstance(part, str) or "narrow" not in part.attributes.get("class", "")
    ]
    return " ".join("".join(shown).split())


def from_pdf(pdf):
    """Read the PDF by its tags."""
    tables = _tables(table_rows(pdf))
    lines, subtotals, total, conference = [], [], Sums(), None
    for columns, (first, *cells) in tables["Start"]:
        if not cells:
            conference = plain(first)
        elif first == "Sub-total":
            subtotals.append((conference, _sums(cells)))
        elif first == "Total":
            total = _sums(cells)
        else:
            cells[1:1] = [] if "Billing code" in columns else [""]
            lines.append(_line(conference, first, *cells))
    charges = [(cells[0], cells[-1]) for _columns, cells in tables["Charge"]]
    return _printed(lines, subtotals, total, charges, [cells for _columns, cells in tables[None]])


def _tables(rows):
    """Return rows with the heads of their columns, by the first of these; None: without any."""
    tables, columns = {None: [], "Start": [], "Charge": []}, [None]
    for row in rows:
        cells = [text for _tag, text in row]
        if len(row) > 1 and all(tag == "/TH" for tag, _text in row):
            columns = cells
        else:
            tables[columns[0]].append((columns, cells))
    return tables


def _printed(lines, subtotals, total, charges, facts):
    """Put together what people read; that nothing was corrected is not printed."""
    amounts = {STATEMENT[name]: text for name, text in facts if name in STATEMENT}
    statement = {"corrected": 0} | {name: _cents(text) for name, text in amounts.items()}
    statement["credits"] = -statement["credits"]  # printed as what it takes off
    (currency,) = {_currency(text) for text in amounts.values()}
    charges = [(plain(name), _cents(text)) for name, text in charges]
    if charges:
        *charges, (_total, charged), (_current, current) = charges
        assert charged == sum(cents for _name, cents in charges)
        assert current == charged + total.cents == statement["current_charges"]
    return Reading(currency, lines, subtotals, total, charges, statement)


def _line(conference, started_at, access, code, participants, minutes, rate, cost):
    return Line(
        conference,
        dt.datetime.strptime(started_at, "%b %d, %Y, %I:%M %p"),  # noqa: DTZ007 (as printed)
        frozenset(ACCESS[label] for label in access.split(", ")),
        "" if code == "–" else plain(code),
        _number(participants),
        _number(minutes),
        _amount(rate),
        _cents(cost),
    )


def _sums(cells):
    """Return the sums of a row, in which some cells are empty."""
    participants, minutes, cost = filter(None, cells)
    return Sums(_number(participants), _number(minutes), _cents(cost))


def _number(text):
    return int(text.replace(",", ""))


def _amount(text):
    found = AMOUNT.fullmatch(text)
    amount = Decimal(found["number"].replace(",", ""))
    return -amount if found["sign"] else amount


def _cents(text):
    return cents_of(_amount(text))


def _currency(text):
    symbol = AMOUNT.fullmatch(text)["symbol"].strip()
    return "USD" if symbol == "$" else symbol


def plain(name):
    return "".join(name.split())


def from_csv(content):
    """Read the CSV."""
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    of = {kind: [] for kind in ("statement", "line", "subtotal", "total", "charge")}
    for row in rows:
        of[row["record"]].append(row)
    (currency,) = {row["currency"] for row in rows}
    (total,) = of["total"]
    return Reading(
        currency,
        [_csv_line(row) for row in of["line"]],
        [(_typed(row["conference_name"]), _csv_sums(row)) for row in of["subtotal"]],
        _csv_sums(total),
        [(_typed(row["name"]), _csv_cents(row)) for row in of["charge"]],
        {row["item"]: _csv_cents(row) for row in of["statement"]},
    )


def _csv_line(row):
    return Line(
        _typed(row["conference_name"]),
        _by_the_clock(row["started_at"]),
        frozenset(row["access_types"].split()),
        _typed(row["billing_code"]),
        int(row["participants"]),
        int(row["minutes"]),
        Decimal(row["rate_per_minute"]),
        _csv_cents(row),
    )


def _csv_sums(row):
    return Sums(int(row["participants"]), int(row["minutes"]), _csv_cents(row))


def _csv_cents(row):
    """Return the cents of a row, which says them twice."""
    assert cents_of(row["amount"]) == int(row["cents"])
    return int(row["cents"])


def _typed(text):
    """Return what people typed: without the apostrophe that keeps a spreadsheet from reckoning."""
    return plain(re.sub(r"^'(?=[=+\-@\t\r\n])", "", text))


def _by_the_clock(instant):
    return dt.datetime.fromisoformat(instant).replace(tzinfo=None)


def from_xml(xml):
    """Read the XML. Sub-totals are left to who reads it; its sums must be those of its parts."""
    invoice = Invoice(xml)
    lines = [_xml_line(line) for line in invoice.lines if line.attributes]
    fees = [(plain(line.name), line.cents) for line in invoice.lines if line.unit == "DAY"]
    others = [(plain(name), cents) for name, cents in invoice.charges]
    statement = dict(note.split(": ") for note in invoice.texts("ram:IncludedNote/ram:Content"))
    _check_sums(invoice, lines, fees, others)
    return Reading(
        invoice.text("ram:InvoiceCurrencyCode"),
        lines,
        [(name, Sums.of(one for one in lines if one.conference == name)) for name in _names(lines)],
        Sums.of(lines),
        fees + others,
        {STATEMENT[name]: _cents(text) for name, text in statement.items()},
    )


def _xml_line(line):
    return Line(
        plain(line.name),
        _by_the_clock(line.attributes["started_at"]),
        frozenset(line.attributes["access_types"].split()),
        plain(line.text("ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID") or ""),
        int(line.attributes["participants"]),
        int(line.text("ram:BilledQuantity")),
        Decimal(line.text("ram:ChargeAmount")),
        line.cents,
    )


def _names(lines):
    return list(dict.fromkeys(line.conference for line in lines))


def _check_sums(invoice, lines, fees, others):
    of_lines = sum(line.cents for line in lines) + sum(cents for _name, cents in fees)
    of_charges = sum(cents for _name, cents in others)
    assert invoice.total("LineTotalAmount") == of_lines
    assert invoice.total("ChargeTotalAmount") == of_charges
    for name in ("TaxBasisTotalAmount", "GrandTotalAmount", "DuePayableAmount"):
        assert invoice.total(name) == of_lines + of_charges
