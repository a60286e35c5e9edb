"""The stored PDFs: one for each bill, and each file still the one that was made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db import connection

from billing.verification.check import NAMED_ROWS, Check, Finding

CHECKS = [
    Check(
        name="every_bill_has_its_document",
        says="each bill has a document, made or still to be made",
        query="""
            SELECT bill.number AS bill
            FROM billing_bill AS bill
            LEFT JOIN billing_billdocument AS document ON document.bill_id = bill.id
            WHERE document.id IS NULL
            ORDER BY bill.number
        """,
    ),
    Check(
        name="documents_wait_to_be_made",
        says="PDFs that the next sweep makes are listed",
        serious=False,
        query="""
            SELECT bill.number AS bill, NULL AS credit_note, document.tries, document.last_error
            FROM billing_billdocument AS document
            JOIN billing_bill AS bill ON bill.id = document.bill_id
            WHERE document.made_at IS NULL
            UNION ALL
            SELECT NULL, note.number, document.tries, document.last_error
            FROM billing_creditnotedocument AS document
            JOIN billing_creditnote AS note ON note.id = document.note_id
            WHERE document.made_at IS NULL
            ORDER BY bill, credit_note
        """,
    ),
]


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A PDF as it was when it was made: of what, its number, the file, its hash and its bytes."""

    kind: str
    number: int
    file: str
    sha256: str
    size: int


STORED_AS_MADE = Check(
    name="document_is_as_it_was_made",
    says="each PDF in storage has the hash and the size that were kept when it was made",
    query="""
        SELECT 'bill', bill.number, document.file, document.sha256, document.size
        FROM billing_billdocument AS document
        JOIN billing_bill AS bill ON bill.id = document.bill_id
        WHERE document.made_at IS NOT NULL
        UNION ALL
        SELECT 'credit_note', note.number, document.file, document.sha256, document.size
        FROM billing_creditnotedocument AS document
        JOIN billing_creditnote AS note ON note.id = document.note_id
        WHERE document.made_at IS NOT NULL
        ORDER BY 1, 2
    """,
)


def made_documents() -> list[MadeDocument]:
    """Return every PDF that was made."""
    with connection.cursor() as cursor:
        cursor.execute(STORED_AS_MADE.query)
        return [MadeDocument(*row) for row in cursor.fetchall()]


def read_documents(made: list[MadeDocument], *, told: Callable[[], object]) -> Finding | None:
    """Read the stored PDFs; `told` is called after each. None where all are as they were made."""
    broken = list(_unlike_made(made, told))
    if not broken:
        return None
    return Finding(STORED_AS_MADE, len(broken), broken[:NAMED_ROWS])


def _unlike_made(
    made: list[MadeDocument], told: Callable[[], object]
) -> Iterator[dict[str, object]]:
    for document in made:
        try:
            with default_storage.open(document.file) as file:
                sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.size
        except OSError as error:
            yield {document.kind: document.number, "file": document.file, "problem": str(error)}
        else:
            if (sha256, size) != (document.sha256, document.size):
                problem = f"{size} bytes, SHA-256 {sha256}"
                yield {document.kind: document.number, "file": document.file, "problem": problem}
        told()
