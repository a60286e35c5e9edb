"""Excel files: rows beyond a sheet go on to the next, and nothing is left behind."""

import tempfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from accounts import excel_files
from accounts.excel_files import excel_file


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder in which temporary files are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_rows_beyond_a_sheet_go_on_to_the_next(monkeypatch):
    monkeypatch.setattr(excel_files, "SHEET_ROWS", 3)

    with excel_file(["Name"], ([f"Renée {number}"] for number in range(5))) as file:
        sheets = openpyxl.load_workbook(file).worksheets

    assert [[row[0].value for row in sheet.iter_rows()] for sheet in sheets] == [
        ["Name", "Renée 0", "Renée 1"],
        ["Name", "Renée 2", "Renée 3"],
        ["Name", "Renée 4"],
    ]


def test_control_characters_and_links_stay_what_they_are():
    odd = ["\x07bell", "_x000D_", "https://a.example", "1e9", "{=SUM(1)}"]

    with excel_file(["Odd"], ([text] for text in odd)) as file:
        written = [row[0] for row in openpyxl.load_workbook(file).active.iter_rows(min_row=2)]

    assert [cell.data_type for cell in written] == ["s"] * 5
    assert [cell.hyperlink for cell in written] == [None] * 5
    assert written[3].value == "1e9"


def test_amounts_are_numbers_shown_with_their_places():
    with excel_file(["Amount"], [[Decimal("12.30")], [Decimal("0.042500")], [Decimal(7)]]) as file:
        written = [row[0] for row in openpyxl.load_workbook(file).active.iter_rows(min_row=2)]

    assert [(cell.value, cell.number_format) for cell in written] == [
        (12.3, "0.00"),
        (0.0425, "0.000000"),
        (7, "0"),
    ]


def test_nothing_is_left_behind(scratch):
    excel_file(["Name"], [["Renée"]]).close()

    assert list(Path(scratch).iterdir()) == []


def test_nothing_is_left_behind_where_the_rows_break_off(scratch):
    def rows():
        yield ["Renée"]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        excel_file(["Name"], rows())

    assert list(Path(scratch).iterdir()) == []
