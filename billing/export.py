"""A bill as data: its statement block, lines and sub-totals, as JSON or as one table.

What no bill has taken yet makes a table of the same columns, without the columns of a bill.

Both name every amount twice, as decimal text in currency units ("12.34") and as whole cents, so
that nobody has to compute with floats. Instants carry their offset and are in the bill's zone.
docs/bill-format.md documents both; a field is never renamed or removed, only new ones are added.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from accounts.csv_files import BYTE_ORDER_MARK, FORMULA_SIGNS
from accounts.models import Account
from billing.detail import Detail, Group, Line, Totals, detail_of
from billing.models import Bill, BillCharge, BillLine
from billing.unbilled import Unbilled

FORMAT = "accuconf-bill-1"
STATEMENT = (
    "last_bill",
    "paid",
    "corrected",
    "overdue",
    "not_yet_due",
    "credits",
    "current_charges",
    "amount_due",
)
COLUMNS = (
    "bill",
    "account_number",
    "month",
    "issued_on",
    "due_on",
    "record",
    "item",
    "conference_name",
    "conference_number",
    "billing_code",
    "started_at",
    "access_types",
    "participants",
    "minutes",
    "rate_per_minute",
    "amount",
    "cents",
    "currency",
    "name",
    "first_day",
    "last_day",
    "days",
    "days_of_month",
    "percent",
    "base",
    "base_cents",
)
#: Columns that hold what people typed.
FREE_TEXT = ("account_number", "conference_name", "conference_number", "billing_code", "name")
#: What the cells of a column are where they are no texts.
CELL_TYPES = {
    "issued_on": dt.date.fromisoformat,
    "due_on": dt.date.fromisoformat,
    "started_at": dt.datetime.fromisoformat,
    "rate_per_minute": Decimal,
    "amount": Decimal,
    "first_day": dt.date.fromisoformat,
    "last_day": dt.date.fromisoformat,
    "percent": Decimal,
    "base": Decimal,
}


def as_json(bill: Bill) -> str:
    """Write `bill` as one JSON object: head, statement, lines by conference name, charges."""
    detail = detail_of(bill.lines.all())
    content = {
        "format": FORMAT,
        **_head(bill),
        "account_name": bill.account_name,
        "account_address": bill.account_address,
        "operator_name": bill.operator_name,
        "month_start": _local(bill.month_start, bill),
        "month_end": _local(bill.month_end, bill),
        "billing_zone": bill.billing_zone,
        "terms": bill.terms,
        "currency": bill.currency,
        "statement": _statement(bill),
        "conferences": [_group(group, bill) for group in detail.groups],
        "total": _totals(detail.total),
        "charges": [_charge(charge) | _amount(charge) for charge in bill.charges.all()],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def as_csv(bill: Bill) -> str:
    """Write `bill` as one table, each row of which says by `record` what it is.

    First the `statement` rows, named by `item`; then each `line`, after the lines of a conference
    name their `subtotal`, and the `total`; last each `charge` beside calls, its kind by `item`.
    Text that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, restval="")
    writer.writeheader()
    for row in rows_of(bill):
        writer.writerow(_harmless(row))
    return table.getvalue()


def csv_file(bill: Bill) -> bytes:
    """Write the same table as the file that people take away and that the PDF holds."""
    return (BYTE_ORDER_MARK + as_csv(bill)).encode()


def decimal_text(cents: int) -> str:
    """Write whole cents as `-12.34`, in units of their currency."""
    return str(Decimal(cents).scaleb(-2))


def rows_of(bill: Bill) -> Iterator[dict[str, Any]]:
    """Give the rows of the table of `bill`, by column; what a row has not is left out."""
    head = {**_head(bill), "currency": bill.currency}
    for row in _rows(bill):
        yield head | row


def unbilled_rows_of(
    unbilled: Unbilled, *, account: Account, zone: str
) -> Iterator[dict[str, Any]]:
    """Give the rows of unbilled activity as `rows_of` does; calls without a rate are `unrated`.

    They come after the `total`, which leaves them out; last what is charged beside calls.
    """
    head = {"account_number": account.number, "currency": account.currency}
    for row in _detail_rows(unbilled.detail, zone):
        yield head | row
    for line in unbilled.unrated:
        sums = {"participants": line.participants, "minutes": line.minutes}
        yield {
            **head,
            "record": "unrated",
            **sums,
            **_named_line(line, zone),
            "rate_per_minute": "",
        }
    for row in _charge_rows(unbilled.beside):
        yield head | row


def cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Put `rows` in the order of COLUMNS, as texts and whole numbers."""
    return ([row.get(column, "") for column in COLUMNS] for row in rows)


def typed_cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Do the same with amounts as Decimals and with days and instants as such."""
    for row in rows:
        typed = {name: CELL_TYPES[name](row[name]) for name in CELL_TYPES if row.get(name)}
        yield [(row | typed).get(column, "") for column in COLUMNS]


def _head(bill: Bill) -> dict[str, str]:
    return {
        "bill": bill.label,
        "account_number": bill.account_number,
        "month": str(bill.month),
        "issued_on": bill.issued_on.isoformat(),
        "due_on": bill.due_on.isoformat(),
    }


def _statement(bill: Bill) -> dict[str, Any]:
    amounts: dict[str, Any] = {}
    for item in STATEMENT:
        cents = getattr(bill, f"{item}_cents")
        amounts |= {item: decimal_text(cents), f"{item}_cents": cents}
    return amounts


def _group(group: Group, bill: Bill) -> dict[str, Any]:
    return {
        "conference_name": group.conference_name,
        "lines": [
            {**_line(line, bill.billing_zone), "access_types": line.access_types, **_totals(line)}
            for line in group.lines
        ],
        "subtotal": _totals(group.subtotal),
    }


def _line(line: Line, zone: str) -> dict[str, Any]:
    return {
        "conference_number": line.conference_number,
        "billing_code": line.billing_code,
        "started_at": line.started_at.astimezone(ZoneInfo(zone)).isoformat(),
        "rate_per_minute": str(line.rate_per_minute),
    }


def _totals(sums: BillLine | Totals) -> dict[str, Any]:
    return {
        "participants": sums.participants,
        "minutes": sums.minutes,
        "cost": decimal_text(sums.cost_cents),
        "cost_cents": sums.cost_cents,
    }


def _rows(bill: Bill) -> Iterator[dict[str, Any]]:
    for item in STATEMENT:
        cents = getattr(bill, f"{item}_cents")
        yield {"record": "statement", "item": item, "amount": decimal_text(cents), "cents": cents}
    yield from _detail_rows(detail_of(bill.lines.all()), bill.billing_zone)
    yield from _charge_rows(bill.charges.all())


def _detail_rows(detail: Detail, zone: str) -> Iterator[dict[str, Any]]:
    for group in detail.groups:
        for line in group.lines:
            yield {**_sums("line", line), **_named_line(line, zone)}
        yield {**_sums("subtotal", group.subtotal), "conference_name": group.conference_name}
    yield _sums("total", detail.total)


def _charge_rows(charges: Iterable[BillCharge]) -> Iterator[dict[str, Any]]:
    for charge in charges:
        reckoned = {name: value for name, value in _charge(charge).items() if value is not None}
        kind = reckoned.pop("kind")
        yield {"record": "charge", "item": kind, **reckoned, **_amount(charge)}


def _charge(charge: BillCharge) -> dict[str, Any]:
    return {
        "kind": charge.kind,
        "name": charge.name,
        "first_day": charge.first_day and charge.first_day.isoformat(),
        "last_day": charge.last_day and charge.last_day.isoformat(),
        "days": charge.days,
        "days_of_month": charge.days_of_month,
        "percent": charge.percent and str(charge.percent),
        "base": decimal_text(charge.base_cents),
        "base_cents": charge.base_cents,
    }


def _amount(charge: BillCharge) -> dict[str, Any]:
    return {"amount": decimal_text(charge.amount_cents), "cents": charge.amount_cents}


def _named_line(line: Line, zone: str) -> dict[str, Any]:
    name, access = line.conference_name, " ".join(line.access_types)
    return {"conference_name": name, **_line(line, zone), "access_types": access}


def _sums(record: str, sums: BillLine | Totals) -> dict[str, Any]:
    return {
        "record": record,
        "participants": sums.participants,
        "minutes": sums.minutes,
        "amount": decimal_text(sums.cost_cents),
        "cents": sums.cost_cents,
    }


def _harmless(row: dict[str, Any]) -> dict[str, Any]:
    typed = {name: row[name] for name in FREE_TEXT if row.get(name, "").startswith(FORMULA_SIGNS)}
    return row | {name: f"'{text}" for name, text in typed.items()}


def _local(instant: dt.datetime, bill: Bill) -> str:
    return instant.astimezone(ZoneInfo(bill.billing_zone)).isoformat()
