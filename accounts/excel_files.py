"""Tables as Excel files, written row by row in constant memory."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from decimal import Decimal
from functools import cache
from typing import IO, Any

import xlsxwriter

#: How many rows a sheet of Excel holds, its head included. The rest goes on to the next sheet.
SHEET_ROWS = 1_048_576
#: The widest column, in letters.
WIDEST = 40


def excel_file(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """Write `head` and `rows` into a workbook; return it as an open file that closing removes.

    Texts stay texts, whatever they look like. Decimals are numbers shown with the places they have.
    Aware instants are written as the clock shows them in their own zone: Excel knows no zones, so
    a head should name it.
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
    shown_as = cache(lambda shape: workbook.add_format({"num_format": shape}))
    sheet, line = _new_sheet(workbook, head), 1
    for row in rows:
        if line == SHEET_ROWS:
            sheet, line = _new_sheet(workbook, head), 1
        for column, cell in enumerate(row):
            _write_cell(sheet, line, column, cell, shown_as)
        line += 1


def _write_cell(sheet: Any, line: int, column: int, cell: Any, shown_as: Callable) -> None:
    match cell:
        case dt.datetime():
            clock = cell.replace(tzinfo=None)
            sheet.write_datetime(line, column, clock, shown_as("yyyy-mm-dd hh:mm:ss"))
        case dt.date():
            sheet.write_datetime(line, column, cell, shown_as("yyyy-mm-dd"))
        case Decimal():
            places = max(-cell.as_tuple().exponent, 0)
            sheet.write_number(line, column, cell, shown_as(f"0.{'0' * places}".strip(".")))
        case int():
            sheet.write_number(line, column, cell)
        case str() if cell:  # an empty text needs no cell
            sheet.write_string(line, column, cell)


def _new_sheet(workbook: xlsxwriter.Workbook, head: Sequence[str]) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = workbook.add_format({"bold": True})
    for column, title in enumerate(head):
        sheet.set_column(column, column, min(len(title) + 8, WIDEST))
        sheet.write_string(0, column, title, bold)
    return sheet
