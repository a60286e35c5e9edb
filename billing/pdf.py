"""Bills, credit notes, statements and receipts into PDFs: the one door to WeasyPrint.

The page is plain semantic HTML, so that the tags of the PDF (PDF/UA-1, PDF/A-3a) come from it. What
keeps it quick needs no private API: one table of fixed layout for all detail, the style sheet and
the fonts read once per process, and no garbage collection while boxes are being laid out. The PDF
of a bill holds the same lines as data too, as an e-invoice (Factur-X) and as a table.
"""

import datetime as dt
import gc
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pydyf
import weasyprint
from django.conf import settings
from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from accounts.models import Terms
from billing import einvoice, export
from billing.charges import sum_of
from billing.detail import detail_of
from billing.models import Bill, CreditNote

#: Tagged and archival. Only one variant can be named: `_declare_standards` adds PDF/UA-1 to it.
VARIANT = "pdf/a-3a"
STYLE_SHEET = settings.BASE_DIR / "static" / "css" / "bill_pdf.css"
FONTS = settings.BASE_DIR / "static" / "fonts"
FACES = ["Inter-Regular.ttf", "Inter-SemiBold.ttf", "Inter-Bold.ttf"]

# Pango's font map, shared by all bills of a process, may be used by one thread at a time.
_press_in_use = threading.Lock()


class UnprintableBill(Exception):
    """A bill's PDF cannot be made as it should look: one of our own font files is missing."""


class NothingFetched(URLFetcher):
    """Refuses whatever a page might name: a bill needs nothing but its page, style and fonts."""

    def fetch(self, url, headers=None):
        raise ValueError(f"a bill fetches nothing, and so not {url}")


class Press(NamedTuple):
    """What all bills of a process share."""

    fonts: FontConfiguration
    style: weasyprint.CSS


def render(subject: Bill | CreditNote) -> bytes:
    """Print what was issued: US Letter, the same bytes each time. Raises UnprintableBill."""
    if isinstance(subject, Bill):
        prefetch_related_objects([subject], "lines", "charges")
        page, attachments = html_of(subject), _attachments(subject)
    else:
        page, attachments = html_of_credit_note(subject), []
    with _press_in_use, _no_garbage_collection():
        return _printed(page, press(), identifier=subject.uuid.hex, attachments=attachments)


def print_page(template: str, context: dict[str, object], *, identifier: str) -> bytes:
    """Print what is kept nowhere, such as a statement, on the same paper and in the billing zone.

    Raises UnprintableBill.
    """
    with (
        translation.override(settings.LANGUAGE_CODE),
        timezone.override(settings.BILLING_TIME_ZONE),
    ):
        page = render_to_string(template, context)
    with _press_in_use, _no_garbage_collection():
        return _printed(page, press(), identifier=identifier)


def html_of(bill: Bill) -> str:
    """Write the bill as the page that is printed, in the portal's language and the billing zone."""
    lines, charges = list(bill.lines.all()), list(bill.charges.all())
    context = {
        "bill": bill,
        "detail": detail_of(lines),
        "charges": charges,
        "charges_cents": sum_of(charges),
        "has_codes": any(line.billing_code for line in lines),
        "has_slip": bill.terms == Terms.CHECK and bill.amount_due_cents > 0,
        "issued_at": bill.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    with translation.override(settings.LANGUAGE_CODE), timezone.override(bill.billing_zone):
        return render_to_string("billing/bill_pdf.html", context)


def html_of_credit_note(note: CreditNote) -> str:
    """Write the credit note as the page that is printed."""
    context = {
        "note": note,
        "lines": note.lines.all(),
        "issued_at": note.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    with translation.override(settings.LANGUAGE_CODE), timezone.override(note.billing_zone):
        return render_to_string("billing/credit_note_pdf.html", context)


@cache
def press() -> Press:
    """Read the fonts and the style sheet, once per process. Raises UnprintableBill.

    The fonts are made known to fontconfig and not by @font-face, for which WeasyPrint would leave
    a folder of copies behind with every process that is killed.
    """
    missing = [face for face in FACES if not (FONTS / face).exists()]
    if missing:
        raise UnprintableBill(f"{', '.join(missing)} not found in {FONTS}")
    with _fontconfig_reading(FONTS / "fonts.conf"):
        fonts = FontConfiguration()
    return Press(fonts, weasyprint.CSS(filename=STYLE_SHEET, font_config=fonts))


def _attachments(bill: Bill) -> list[weasyprint.Attachment]:
    """Write the bill as the files that its PDF holds, in the order of their names.

    To Factur-X the XML of this profile is an alternative to the page, other files supplement it.
    """
    with translation.override(settings.LANGUAGE_CODE):
        table, invoice = _("The bill as a table"), _("The bill as an e-invoice")
    files = [
        (f"bill-{bill}.csv", export.csv_file(bill), "Supplement", table),
        (einvoice.FILE_NAME, einvoice.as_xml(bill), "Alternative", invoice),
    ]
    issued_at = bill.issued_at.astimezone(dt.UTC)  # else the time at which it is printed
    return [
        weasyprint.Attachment(
            string=content, name=name, description=description, relationship=relationship,
            created=issued_at, modified=issued_at,
        )
        for name, content, relationship, description in files
    ]  # fmt: skip


def _printed(
    page: str,
    press: Press,
    *,
    identifier: str,
    attachments: Sequence[weasyprint.Attachment] = (),
) -> bytes:
    return weasyprint.HTML(string=page, url_fetcher=NothingFetched()).write_pdf(
        font_config=press.fonts,
        stylesheets=[press.style],
        pdf_variant=VARIANT,
        pdf_identifier=identifier,
        attachments=attachments,
        finisher=_declare_standards,
    )


def _declare_standards(document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    """Put our own XMP packet in place of WeasyPrint's, which can name only one standard.

    And name each attached file once among those of the document, where WeasyPrint does so twice.
    """
    files = pdf.catalog.get("AF", [])
    files[:] = dict.fromkeys(files)
    context = {"metadata": document.metadata, "version": weasyprint.VERSION}
    if files:
        context |= {"file_name": einvoice.FILE_NAME, "profile": einvoice.PROFILE}
    packet = render_to_string("billing/bill_pdf.xmp", context)
    number = int(pdf.catalog["Metadata"].split()[0])
    pdf.objects[number].stream = [packet.encode()]
    pdf.objects[number].compress = False


@contextmanager
def _fontconfig_reading(configuration: Path) -> Iterator[None]:
    """Let fontconfig begin with our configuration; it knows no other way to be told."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(configuration)
    try:
        yield
    finally:
        del os.environ["FONTCONFIG_FILE"]
        if before is not None:
            os.environ["FONTCONFIG_FILE"] = before


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Keep the collector from walking the growing tree of boxes: a quarter of the time.

    Nothing is leaked: the first collection afterwards finds all of it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
