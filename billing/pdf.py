"""A bill into its PDF: the one door to WeasyPrint.

The page is plain semantic HTML, so that the tags of the PDF (PDF/UA-1, PDF/A-3a) come from it. What
keeps it quick needs no private API: one table of fixed layout for all detail, the style sheet and
the fonts read once per process, and no garbage collection while boxes are being laid out.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import NamedTuple

import pydyf
import weasyprint
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from accounts.models import Terms
from billing.detail import detail_of
from billing.models import Bill

#: Tagged and archival. Only one variant can be named: `_declare_standards` adds PDF/UA-1 to it.
VARIANT = "pdf/a-3a"
STYLE_SHEET = settings.BASE_DIR / "static" / "css" / "bill_pdf.css"
FONTS = settings.BASE_DIR / "static" / "fonts"

# Pango's font map, shared by all bills of a process, may be used by one thread at a time.
_press_in_use = threading.Lock()


class UnprintableBill(Exception):
    """A bill's PDF cannot be made as it should look: one of our own font files is missing."""


class OwnFontsOnly(URLFetcher):
    """Reads the fonts shipped with the portal, and refuses whatever else a page might name."""

    def __init__(self):
        super().__init__(fail_on_errors=True)

    def fetch(self, url, headers=None):
        for font in FONTS.glob("*.ttf"):
            if url == font.as_uri():
                return URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/ttf"})
        raise ValueError(f"{url} is not one of the portal's fonts")


class Press(NamedTuple):
    """What all bills of a process share."""

    fonts: FontConfiguration
    style: weasyprint.CSS
    fetcher: OwnFontsOnly


def render(bill: Bill) -> bytes:
    """Print an issued bill: US Letter, the same bytes each time. Raises UnprintableBill."""
    page = html_of(bill)
    with _press_in_use, _no_garbage_collection():
        try:
            return _printed(bill, page, press())
        except FatalURLFetchingError as error:
            raise UnprintableBill(str(error)) from error


def html_of(bill: Bill) -> str:
    """Write the bill as the page that is printed, in the portal's language and the billing zone."""
    lines = list(bill.lines.all())
    context = {
        "bill": bill,
        "detail": detail_of(lines),
        "has_codes": any(line.billing_code for line in lines),
        "has_slip": bill.terms == Terms.CHECK and bill.amount_due_cents > 0,
        "issued_at": bill.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    with translation.override(settings.LANGUAGE_CODE), timezone.override(bill.billing_zone):
        return render_to_string("billing/bill_pdf.html", context)


@cache
def press() -> Press:
    """Read the fonts and the style sheet, once per process.

    To be called before a process forks: WeasyPrint copies the fonts to a folder of its own,
    which a forked worker that is killed would leave behind.
    """
    fonts, fetcher = FontConfiguration(), OwnFontsOnly()
    style = weasyprint.CSS(filename=STYLE_SHEET, font_config=fonts, url_fetcher=fetcher)
    return Press(fonts, style, fetcher)


def _printed(bill: Bill, page: str, press: Press) -> bytes:
    return weasyprint.HTML(string=page, url_fetcher=press.fetcher).write_pdf(
        font_config=press.fonts,
        stylesheets=[press.style],
        pdf_variant=VARIANT,
        pdf_identifier=bill.uuid.hex,
        finisher=partial(_declare_standards, bill),
    )


def _declare_standards(bill: Bill, document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    """Put our own XMP packet in place of WeasyPrint's, which can name only one standard."""
    packet = render_to_string(
        "billing/bill_pdf.xmp", {"metadata": document.metadata, "producer": weasyprint.VERSION}
    )
    number = int(pdf.catalog["Metadata"].split()[0])
    pdf.objects[number].stream = [packet.encode()]
    pdf.objects[number].compress = False


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
