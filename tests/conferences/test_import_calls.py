"""`manage.py import_calls`: what it takes, and what it says."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from conferences.models import CallFile
from tests import make

FIXTURES = Path(__file__).parent / "fixtures"
USUAL = FIXTURES / "5f2d1a52-1f7c-4a7e-9d0b-2f9c6b1f0e11.cdr.xml"


@pytest.fixture
def line(account):
    make.dial_in_number(number="18005550100")
    return make.conference(account=account, number="30125")


def command(*paths):
    out = io.StringIO()
    call_command("import_calls", *map(str, paths), stdout=out)
    return out.getvalue().splitlines()


def test_the_command_takes_a_folder_and_says_what_became_of_it(line):
    assert command(FIXTURES) == [
        "7 records in 4 files: 5 accepted + 0 duplicates + 2 quarantined.",
        "Beside them: 1 recordings and 2 rejected attempts.",
        "2 records wait in quarantine, each with its reason: see Quarantine under /staff/.",
    ]
    assert command(USUAL)[0] == "4 records in 1 file: 0 accepted + 4 duplicates + 0 quarantined."
    assert len(command(USUAL)) == 2


def test_the_command_names_a_path_that_cannot_be_read(db, tmp_path):
    with pytest.raises(CommandError, match=r"missing\.xml: No such file or directory\."):
        command(tmp_path / "missing.xml")
    assert CallFile.objects.count() == 0


def test_files_of_a_folder_that_are_left_out_are_named(tmp_path, db):
    (tmp_path / "notes.txt").write_text("not a call")

    assert command(tmp_path)[-1] == (
        f"Left out, not a call file by its name: {tmp_path / 'notes.txt'}"
    )
