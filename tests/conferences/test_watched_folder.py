"""The watched folder: whole files are taken in once, wherever a crash comes between."""

import datetime as dt
import io
import os
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from conferences import folder as watched
from conferences import tasks
from conferences.folder import FolderBusy, take_in_folder
from conferences.models import Leg, QuarantinedRecord
from conferences.services.call_files import SETTLED_AFTER, assemble_legs
from tests import make
from tests.conferences.call_tables import write_table

HERE = Path(__file__).parent
LATER = dt.timedelta(seconds=5)
LONG_AFTER = dt.timedelta(hours=1)


@pytest.fixture
def folder(tmp_path, account):
    make.dial_in_number(number="18005550100")
    make.dial_in_number(number="30125")
    make.conference(account=account, number="30125")
    (tmp_path / "bridge2").mkdir()
    return tmp_path


def look(folder, *, after=LATER):
    return take_in_folder(folder, now=dt.datetime.now(dt.UTC) + after)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_whole_file_is_taken_in_and_moved_away(folder):
    write_table(folder / "bridge2" / "calls.csv", [{}, {"leg_id": "l-2"}])

    counts = look(folder)

    assert (counts.accepted, files(folder)) == (2, ["bridge2/done/calls.csv"])
    assert look(folder).records == 0


def test_a_file_of_which_nothing_can_be_taken_in_is_set_apart_with_its_reason(folder):
    (folder / "bridge2" / "calls.csv").write_text("a,b\n1,2\n")

    look(folder)

    assert files(folder) == ["bridge2/refused/calls.csv"]
    assert "does not name the columns" in QuarantinedRecord.objects.get().detail


def test_a_name_that_was_there_before_hides_no_file(folder):
    for leg in ("l-1", "l-2", "l-3"):
        write_table(folder / "bridge2" / "calls.csv", [{"leg_id": leg}])
        look(folder)

    assert files(folder) == [
        "bridge2/done/calls.2.csv", "bridge2/done/calls.3.csv", "bridge2/done/calls.csv"
    ]  # fmt: skip


def test_a_file_that_is_being_written_is_left_alone(folder):
    path = write_table(folder / "bridge2" / "calls.csv", [{}])

    assert look(folder, after=dt.timedelta(0)).records == 0
    path.rename(path.with_suffix(".csv.part"))
    assert look(folder).records == 0

    assert files(folder) == ["bridge2/calls.csv.part"]


@pytest.mark.parametrize("name", ["calls.csv", "5f2d1a52-1f7c-4a7e-9d0b-2f9c6b1f0e11.cdr.xml"])
def test_a_file_that_breaks_off_is_waited_for_but_not_for_ever(folder, name):
    whole = write_table(folder / "whole.csv", [{}, {"leg_id": "l-2"}])
    if name.endswith("xml"):
        whole = HERE / "fixtures" / name
    path = folder / "bridge2" / name
    path.write_bytes(whole.read_bytes()[:-20])

    assert look(folder).records == 0
    assert path.exists()

    assert look(folder, after=LONG_AFTER).records > 0
    assert not path.exists()


def test_what_is_no_file_of_a_bridge_s_is_let_be(folder):
    outside = write_table(folder / "outside.csv", [{}])
    (folder / "bridge2" / "link.csv").symlink_to(outside)
    write_table(folder / "bridge2" / ".hidden.csv", [{}])
    (folder / "bridge2" / "notes.txt").write_text("not a call\n")
    (folder / "bridge2" / "folder.csv").mkdir()

    assert look(folder).records == 0


def test_a_file_that_goes_on_meanwhile_stays_for_the_next_pass(folder, monkeypatch):
    path = write_table(folder / "bridge2" / "calls.csv", [{}])
    real = watched.take_in_files

    def take_in_while_it_grows(paths, **told):
        counts = real(paths, **told)
        with path.open("a") as file:
            file.write(path.read_text().splitlines()[1].replace("l-1", "l-2") + "\n")
        return counts

    monkeypatch.setattr(watched, "take_in_files", take_in_while_it_grows)
    look(folder)
    monkeypatch.undo()

    counts = look(folder)

    assert (counts.accepted, counts.duplicates) == (1, 1)


def test_a_file_that_cannot_be_moved_is_in_once_however_often_it_is_seen(folder, monkeypatch):
    write_table(folder / "bridge2" / "calls.csv", [{}])
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    look(folder)
    monkeypatch.undo()

    counts = look(folder)

    assert (counts.duplicates, Leg.objects.count()) == (1, 1)
    assert files(folder) == ["bridge2/done/calls.csv"]


def test_two_passes_do_not_meet(folder):
    with watched._alone_in(folder), pytest.raises(FolderBusy):
        look(folder)

    assert look(folder).records == 0


def test_an_asterisk_bridge_s_files_are_known_by_its_folder(folder):
    place = folder / "asterisk1"
    place.mkdir()
    shutil.copy(HERE / "captured" / "cel.jsonl", place)

    look(folder)
    assemble_legs(now=dt.datetime.now(dt.UTC) + SETTLED_AFTER + LATER)

    assert set(Leg.objects.values_list("bridge", flat=True)) == {"asterisk1"}
    assert Leg.objects.count() == 4


def test_master_csv_is_read_by_the_cdr_conf_beside_it(folder):
    place = folder / "asterisk1"
    place.mkdir()
    shutil.copy(HERE / "captured" / "Master.ignorestatechanges.csv", place)
    (place / "cdr.conf").write_text(
        "[general]\nignorestatechanges=yes\n[csv]\nusegmtime=yes\nloguniqueid=yes\n"
        "loguserfield=yes\nnewcdrcolumns=yes\n[accuconf]\ncontext=bridge\n"
    )

    assert look(folder).accepted == 4


def test_a_cdr_conf_that_says_too_little_is_told_of(folder, caplog):
    place = folder / "asterisk1"
    place.mkdir()
    shutil.copy(HERE / "captured" / "Master.ignorestatechanges.csv", place)
    (place / "cdr.conf").write_text("[general]\nignorestatechanges=yes\n")

    look(folder)

    assert files(place) == ["cdr.conf", "refused/Master.ignorestatechanges.csv"]
    assert "must name the context" in caplog.text


def test_the_command_and_the_task_make_a_pass(folder, settings, monkeypatch):
    monkeypatch.setattr(watched, "STILL_SECONDS", 0)
    settings.CALLS_FOLDER = folder
    write_table(folder / "bridge2" / "calls.csv", [{}])
    out = io.StringIO()

    call_command("watch_calls", "--once", stdout=out)
    write_table(folder / "bridge2" / "calls.csv", [{"leg_id": "l-2"}])
    tasks.take_in_calls()
    tasks.assemble_legs()

    assert out.getvalue() == "1 records: 1 accepted + 0 duplicates + 0 quarantined.\n"
    assert Leg.objects.count() == 2


def test_without_a_folder_there_is_nothing_to_watch(settings, tmp_path, db):
    assert look(tmp_path / "nowhere").records == 0
    settings.CALLS_FOLDER = None
    tasks.take_in_calls()

    with pytest.raises(CommandError, match="no folder"):
        call_command("watch_calls", "--once")
