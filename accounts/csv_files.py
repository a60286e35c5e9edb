"""Tables as CSV files, written row by row, that are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

#: By which spreadsheets know that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"
#: What a spreadsheet takes a cell for a formula by.
#: Source: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Write `head` and `rows` line by line; nothing is kept."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow(head)
    for row in rows:
        yield writer.writerow([_defused(cell) for cell in row])


def _defused(cell: Any) -> Any:
    """Let a text that looks like a formula begin with an apostrophe, so that it stays a text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line
