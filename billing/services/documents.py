"""The PDFs of bills and credit notes, made once: from then on these bytes are the document."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F

from billing.models.document import Document

logger = logging.getLogger(__name__)


class DocumentDamaged(Exception):
    """The stored PDF is missing, or is not the one that was made."""


def make_document(document: Document, *, now: dt.datetime) -> Document:
    """Print what was issued and keep its PDF with its hash; return the document as it then is.

    Made already, it is left as it is. Killed at any point, the next try begins again and writes
    over what lies under the same name. What can be mended (no space, a font missing) is noted in
    `last_error`, and the document waits on.
    """
    # Late: WeasyPrint takes a second to load, and only who makes a PDF needs it.
    from billing.pdf import UnprintableBill, render  # noqa: PLC0415

    # Counted and committed first: one that kills the process comes last at the next sweep.
    unmade = type(document).objects.filter(pk=document.pk, made_at=None)
    unmade.update(tries=F("tries") + 1)
    document = type(document).objects.select_related(document.subject_field).get(pk=document.pk)
    if document.made_at is not None:
        return document
    try:
        return _keep(document, render(document.subject), now=now)
    except (UnprintableBill, OSError) as error:
        logger.warning("%s: %s", document, error)
        unmade.update(last_error=str(error))
        document.last_error = str(error)
        return document


def read_document(document: Document) -> bytes:
    """Return the PDF, checked against its hash. Raises DocumentDamaged."""
    try:
        with document.file.open("rb") as file:
            content = file.read()
    except (OSError, ValueError) as error:  # ValueError: no file yet
        raise DocumentDamaged(f"{document}: {error}") from error
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise DocumentDamaged(f"{document}: its hash is not the one kept")
    return content


@transaction.atomic(durable=True)
def _keep(document: Document, content: bytes, *, now: dt.datetime) -> Document:
    """Write file and row under the row's lock: of two at once, the second finds it made."""
    locked = type(document).objects.select_for_update().get(pk=document.pk)
    if locked.made_at is not None:
        return locked
    locked.file = _write(document, content)
    locked.sha256 = hashlib.sha256(content).hexdigest()
    locked.size = len(content)
    locked.made_at = now
    locked.last_error = ""
    locked.save(update_fields=["file", "sha256", "size", "made_at", "last_error"])
    return locked


def _write(document: Document, content: bytes) -> str:
    """Put the PDF under the name that belongs to it, on the disk itself; return the name."""
    storage, name = document.file.storage, document.stored_name
    storage.delete(name)  # half a file of a try that was killed
    name = storage.save(name, ContentFile(content))
    with storage.open(name) as file:
        os.fsync(file.fileno())  # the row must not outlive the file when the power fails
    return name
