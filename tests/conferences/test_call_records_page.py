"""docs/call-records.md tells of every column, ending and event that the readers know."""

from pathlib import Path

import pytest

from conferences.records import assembly, formats
from conferences.records.leg import LeftBecause

PAGE = (Path(__file__).parents[2] / "docs" / "call-records.md").read_text()
OWN_EVENTS = ["pin", "dialled", "left", "role", "code", "outdial"]


@pytest.mark.parametrize(
    "word", [*assembly.COLUMNS, *formats.SUFFIXES, *filter(None, LeftBecause), *OWN_EVENTS]
)
def test_the_page_tells_of(word):
    assert f"`{word}`" in PAGE
