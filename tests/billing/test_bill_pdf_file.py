"""The bill's PDF as a file: tagged, archival, of our own fonts, and always the same bytes."""

import os
import re
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree

import pytest
from pypdf.generic import ContentStream

from billing import pdf
from tests import make
from tests.billing.printed import bill_of, reader_of

#: Operators that put ink on paper: each belongs inside marked content.
INK = {b"Tj", b"TJ", b"f", b"f*", b"S", b"s", b"B", b"b", b"Do", b"sh"}
XMP = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}


def elements(reader):
    """Give every structure element of the tagged PDF."""
    waiting = [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop().get_object()
        if not isinstance(element, dict):
            continue
        if "/S" in element:
            yield element
        kids = element.get("/K", [])
        waiting += kids if isinstance(kids, list) else [kids]


def test_the_pdf_is_tagged_in_its_language_and_titled(account):
    reader = reader_of(bill_of(account, number=123))
    root = reader.trailer["/Root"]

    assert root["/Lang"] == "en-us"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Bill 000123 for March 2026"
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == [
        "Your bill for March 2026"
    ]


def test_all_ink_is_marked_as_content_or_decoration(account):
    reader = reader_of(bill_of(account, calls=60))

    for page in reader.pages:
        depth = 0
        for _operands, operator in ContentStream(page.get_contents(), reader).operations:
            depth += (operator in {b"BDC", b"BMC"}) - (operator == b"EMC")
            assert depth or operator not in INK


def test_tables_are_tagged_with_heads_that_their_cells_name(account):
    reader = reader_of(bill_of(account, calls=2))

    found = list(elements(reader))

    kinds = Counter(element["/S"] for element in found)
    heads = {element["/ID"] for element in found if element["/S"] == "/TH"}
    cells = [element for element in found if element["/S"] == "/TD"]
    assert (kinds["/H1"], kinds["/H2"], kinds["/Table"], kinds["/THead"]) == (1, 3, 3, 1)
    assert cells
    for cell in cells:
        assert cell["/A"]["/Headers"]
        assert set(cell["/A"]["/Headers"]) <= heads


def test_the_pdf_declares_archival_and_accessible(account):
    bill = bill_of(account)
    reader = reader_of(bill)
    root = reader.trailer["/Root"]

    packet = root["/Metadata"].get_object().get_data().decode()
    xmp = ElementTree.fromstring(packet)

    assert packet.count("<rdf:RDF") == 1
    assert xmp.findtext(".//pdfaid:part", namespaces=XMP) == "3"
    assert xmp.findtext(".//pdfaid:conformance", namespaces=XMP) == "A"
    assert xmp.findtext(".//pdfuaid:part", namespaces=XMP) == "1"
    assert xmp.findtext(".//dc:title//rdf:li", namespaces=XMP) == f"Bill {bill} for March 2026"
    assert xmp.findtext(".//xmp:CreateDate", namespaces=XMP) == "2026-04-01T10:00:00Z"
    assert reader.metadata["/CreationDate"] == "D:20260401100000Z"
    assert xmp.findtext(".//pdf:Producer", namespaces=XMP) == reader.metadata.producer
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"


def test_metadata_of_an_odd_name_is_still_xml(plan):
    account = make.account(plan=plan, name="<R&D> \"Ltd\" 'x'")

    packet = reader_of(bill_of(account)).trailer["/Root"]["/Metadata"].get_object().get_data()

    described = ElementTree.fromstring(packet.decode()).findtext(
        ".//dc:description//rdf:li", namespaces=XMP
    )
    assert described == f"<R&D> \"Ltd\" 'x', account {account.number}"


def test_only_our_own_fonts_are_embedded(account):
    reader = reader_of(bill_of(account))

    fonts = [
        font["/DescendantFonts"][0]["/FontDescriptor"]
        for page in reader.pages
        for font in (entry.get_object() for entry in page["/Resources"]["/Font"].values())
    ]

    names = {re.sub(r"^/[A-Z]{6}\+", "", str(font["/FontName"])) for font in fonts}
    assert names == {"Inter", "Inter-Semi-Bold", "Inter-Bold"}
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_the_same_bill_gives_the_same_bytes(account):
    bill = bill_of(account)

    first = pdf.render(bill)

    assert pdf.render(type(bill).objects.get(pk=bill.pk)) == first


def test_the_page_itself_does_not_depend_on_who_prints_it(account, settings):
    bill = bill_of(account)
    first = pdf.html_of(bill)

    settings.TIME_ZONE = "Asia/Tokyo"
    settings.OPERATOR_NAME = "Somebody else"
    bill.account.name = "Renamed since"
    bill.account.save()

    assert pdf.html_of(type(bill).objects.get(pk=bill.pk)) == first


@pytest.mark.parametrize(
    "url", ["https://example.com/pixel.png", "file:///etc/passwd", "data:text/plain,hello"]
)
def test_nothing_is_fetched_for_a_bill(url):
    with pytest.raises(ValueError, match="fetches nothing"):
        pdf.NothingFetched().fetch(url)


def test_a_bill_is_not_printed_without_our_fonts(account, monkeypatch, tmp_path):
    bill = bill_of(account)
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    monkeypatch.setattr(pdf, "press", pdf.press.__wrapped__)

    with pytest.raises(pdf.UnprintableBill, match="Inter-Bold"):
        pdf.render(bill)


def test_fonts_are_read_where_they_are_and_the_environment_is_left_alone(monkeypatch):
    folders = []
    monkeypatch.setattr("weasyprint.text.fonts.mkdtemp", lambda **names: folders.append(names))
    monkeypatch.setenv("FONTCONFIG_FILE", "/etc/fonts/fonts.conf")

    pdf.press.__wrapped__()

    assert folders == []
    assert os.environ["FONTCONFIG_FILE"] == "/etc/fonts/fonts.conf"


def test_weasyprint_is_not_loaded_by_who_prints_nothing():
    loaded = subprocess.run(
        [sys.executable, "-c", LOOK_FOR_WEASYPRINT], capture_output=True, text=True, check=True,
        env=os.environ,
    )  # fmt: skip

    assert loaded.stdout.strip() == "False"


LOOK_FOR_WEASYPRINT = """
import sys, django
django.setup()
import accuconf.urls, billing.tasks
print("weasyprint" in sys.modules)
"""
