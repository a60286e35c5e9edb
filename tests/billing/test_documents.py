"""The PDF is made once, whatever crashes, repeats or runs beside it."""

import datetime as dt
import hashlib
import multiprocessing
import os
import time
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from billing import pdf
from billing.models import BillDocument
from billing.services import documents
from billing.services.documents import DocumentDamaged, make_document, read_document
from tests import make
from tests.children import fork, run_together, wait

NOW = dt.datetime(2026, 4, 1, 10, 5, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("files")


@pytest.fixture
def document(account):
    return waiting_document(account)


def waiting_document(account, **fields):
    line = (make.conference(account=account), 3, 100, "0.049")
    bill = make.frozen_bill(account=account, lines=[line], **fields)
    return BillDocument.objects.create(bill=bill)


def kept(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_pdf_is_kept_with_its_hash(document, files):
    made = make_document(document, now=NOW)

    [path] = kept(files)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-1.7")
    assert made.sha256 == hashlib.sha256(content).hexdigest()
    assert (made.size, made.made_at, made.tries) == (len(content), NOW, 1)
    assert Path(made.file.name).parts[:2] == ("bills", "2026-03")
    assert document.bill.label in made.file.name
    assert read_document(made) == content


def test_making_again_changes_nothing(document, files):
    first = make_document(document, now=NOW)

    again = make_document(document, now=LATER)

    assert (again.sha256, again.made_at, again.tries) == (first.sha256, NOW, 1)
    assert len(kept(files)) == 1


def test_what_a_killed_try_left_behind_is_written_over(document, files):
    bill = document.bill
    half = files / f"bills/2026-03/bill-{bill.label}-{bill.uuid.hex[:8]}.pdf"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"%PDF-1.7 and then")

    made = make_document(document, now=NOW)

    assert kept(files) == [half]
    assert half.read_bytes() == read_document(made)


def test_full_disk_is_noted_and_tried_again(document, monkeypatch):
    def no_space(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(FileSystemStorage, "save", no_space)
        tried = make_document(document, now=NOW)

    assert (tried.made_at, tried.tries) == (None, 1)
    assert "No space left" in tried.last_error
    assert list(BillDocument.objects.waiting()) == [document]

    made = make_document(document, now=LATER)

    assert (made.made_at, made.tries, made.last_error) == (LATER, 2, "")


def test_unprintable_bill_is_noted_for_staff(document, monkeypatch):
    def out_of_ink(bill):
        raise pdf.UnprintableBill("a font is missing")

    monkeypatch.setattr(pdf, "render", out_of_ink)

    tried = make_document(document, now=NOW)

    assert (tried.made_at, tried.last_error) == (None, "a font is missing")


def test_made_document_can_never_be_changed(document):
    made = make_document(document, now=NOW)
    made.sha256 = "0" * 64

    with pytest.raises(DatabaseError), transaction.atomic():
        made.save()


def test_damaged_or_missing_file_is_not_given_out(document, files):
    made = make_document(document, now=NOW)
    [path] = kept(files)

    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DocumentDamaged, match="its hash"):
        read_document(made)

    path.unlink()
    with pytest.raises(DocumentDamaged):
        read_document(made)


def test_document_not_made_yet_cannot_be_read(document):
    with pytest.raises(DocumentDamaged):
        read_document(document)


def print_each_its_own(monkeypatch):
    """Let each process print other bytes, as two releases may, and be slow to write them."""
    write = documents._write

    def slowly(document, content):
        time.sleep(0.3)
        return write(document, content)

    monkeypatch.setattr(pdf, "render", lambda bill: f"%PDF by {os.getpid()}".encode())
    monkeypatch.setattr(documents, "_write", slowly)


def write_when_all_have_come(monkeypatch, *, count):
    """Hold each process before it writes until `count` are there: all have found nothing made.

    Then they write one after the other; amid another's writing a file may be gone for a moment.
    """
    write, all_here = documents._write, multiprocessing.Barrier(count)
    turn = multiprocessing.Lock()

    def together(document, content):
        all_here.wait(timeout=60)
        with turn:
            return write(document, content)

    monkeypatch.setattr(documents, "_write", together)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_keep_one_file_that_has_its_hash(account, files, monkeypatch):
    document = waiting_document(account)
    print_each_its_own(monkeypatch)

    run_together(*[lambda: make_document(document, now=NOW)] * 3)

    document.refresh_from_db()
    assert len(kept(files)) == 1
    assert read_document(document).startswith(b"%PDF by ")


@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_one_would_write_over_the_other(account, monkeypatch):
    """The control: only the database's trigger, too late for the file, still stops the second."""
    document = waiting_document(account)
    print_each_its_own(monkeypatch)
    write_when_all_have_come(monkeypatch, count=3)
    monkeypatch.setattr(QuerySet, "select_for_update", QuerySet.all)

    children = [fork(lambda: make_document(document, now=NOW)) for _ in range(3)]

    assert sorted(wait(child) for child in children) == [0, 1, 1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["rendered", "deleted", "written", "saved"])
def test_killed_at_any_step_the_next_try_finishes(account, files, monkeypatch, step):
    document = waiting_document(account)

    assert wait(fork(lambda: die_after(step, document, monkeypatch))) != 0
    made = make_document(document, now=LATER)

    assert made.made_at == LATER
    assert made.tries == 2
    assert len(kept(files)) == 1
    assert read_document(made).startswith(b"%PDF-1.7")


def die_after(step, document, monkeypatch):
    """Make the document in this process, which ends abruptly after `step`."""
    place, name = {
        "rendered": (pdf, "render"),
        "deleted": (FileSystemStorage, "delete"),
        "written": (documents, "_write"),
        "saved": (BillDocument, "save"),
    }[step]
    whole = getattr(place, name)

    def and_die(*args, **kwargs):
        whole(*args, **kwargs)
        os._exit(9)

    monkeypatch.setattr(place, name, and_die)
    make_document(document, now=NOW)
