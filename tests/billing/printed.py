"""Printed bills, and what is read back from them."""

from io import BytesIO

from pypdf import PdfReader

from billing import pdf
from tests import make


def bill_of(account, *, calls=2, name="Weekly meeting", **fields):
    conference = make.conference(account=account, name=name)
    lines = [(conference, 3, 100 + i, "0.049") for i in range(calls)]
    return make.frozen_bill(account=account, lines=lines, **fields)


def reader_of(bill):
    return PdfReader(BytesIO(pdf.render(bill)))


def words_of(bill):
    """Return all printed text, white space made plain."""
    return " ".join(" ".join(page.extract_text() for page in reader_of(bill).pages).split())
