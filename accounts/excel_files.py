"""Tables as Excel files, written row by row in constant memory."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

#: How many rows a sheet of Excel holds, its head included. The rest goes on to the next sheet.
SHEET_ROWS = 1_048_576
#: The widest column, in letters.
WIDEST = 40


def excel_file(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """Write `head` and `rows` into a workbook; return it as an open file that closing removes.

    Texts stay texts, whatever they look like; a Decimal is an amount of money. Aware instants are
    written as the clock shows them in their own zone: Excel knows no zones, so a head should name
    it.
    """
    with ExitStack() as on_failure:
        file = on_failure.enter_context(tempfile.TemporaryFile())
        with tempfile.TemporaryDirectory() as folder:
            options = {"constant_memory": True, "tmpdir": folder}
            with xlsxwriter.Workbook(file, options) as workbook:
                _write(workbook, head, rows)
        file.seek(0)
        on_failure.pop_all()
    return file


def _write(workbook: xlsxwriter.Workbook, head: Sequence[str], rows: Iterable) -> None:
    instant = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    amount = workbook.add_format({"num_format": "#,##0.00"})
    sheet, line = _new_sheet(workbook, head), 1
    for row in rows:
        if line == SHEET_ROWS:
            sheet, line = _new_sheet(workbook, head), 1
        for column, cell in enumerate(row):
            if isinstance(cell, dt.datetime):
                sheet.write_datetime(line, column, cell.replace(tzinfo=None), instant)
            elif isinstance(cell, int):
                sheet.write_number(line, column, cell)
            elif isinstance(cell, Decimal):
                sheet.write_number(line, column, cell, amount)
            elif cell:  # an empty text needs no cell
                sheet.write_string(line, column, cell)
        line += 1


def _new_sheet(workbook: xlsxwriter.Workbook, head: Sequence[str]) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = workbook.add_format({"bold": True})
    for column, title in enumerate(head):
        sheet.set_column(column, column, min(len(title) + 8, WIDEST))
        sheet.write_string(0, column, title, bold)
    return sheet
