"""The bill's PDF: what is printed, that it is tagged, archival and always the same bytes."""

import os
import re
import subprocess
import sys
from collections import Counter
from io import BytesIO
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from accounts.models import Terms
from billing import pdf
from tests import make

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


def bill_of(account, *, calls=2, name="Weekly meeting", **fields):
    conference = make.conference(account=account, name=name)
    lines = [(conference, 3, 100 + i, "0.049") for i in range(calls)]
    return make.frozen_bill(account=account, lines=lines, **fields)


def reader_of(bill):
    return PdfReader(BytesIO(pdf.render(bill)))


def words_of(bill):
    """Return all printed text, white space made plain."""
    return " ".join(" ".join(page.extract_text() for page in reader_of(bill).pages).split())


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


@pytest.fixture
def check_account(plan):
    return make.account(name="Borealis Shipping", plan=plan, terms=Terms.CHECK)


def test_card_bill_says_when_the_card_is_charged(account):
    words = words_of(bill_of(account, calls=1))

    assert "Your bill for March 2026" in words
    assert "Will be charged to Visa •••• 4242 on Apr 1, 2026." in words
    assert "detach" not in words


def test_check_bill_has_a_remittance_slip(check_account):
    words = words_of(bill_of(check_account, calls=1))

    assert "Payable by check within 30 days, by May 1, 2026." in words
    assert "Please detach and send this part with your check" in words
    assert "Amount enclosed" in words


def test_overdue_part_of_a_check_bill_is_asked_for_at_once(check_account):
    bill = bill_of(check_account, calls=1, overdue_cents=5000, amount_due_cents=5490)

    assert "$50.00 of it is overdue: please pay that now." in words_of(bill)


@pytest.mark.parametrize("terms", list(Terms))
def test_credit_leaves_nothing_to_pay(plan, terms):
    account = make.account(plan=plan, terms=terms)
    bill = bill_of(account, calls=1, credits_cents=1000, amount_due_cents=-510)

    words = words_of(bill)

    assert "Nothing to pay. Your credit of $5.10 goes towards your next bill." in words
    assert "Due date" not in words
    assert "detach" not in words


def test_month_without_calls_says_so(account):
    words = words_of(bill_of(account, calls=0))

    assert "No calls this month" in words
    assert "Nothing to pay." in words
    assert "Sub-total" not in words


def test_card_account_without_a_card_is_asked_for_one(account):
    words = words_of(bill_of(account, calls=1, card_label=""))

    assert "There is no card or bank account on file. Please add one" in words


def test_lines_stand_under_their_conference_with_sub_totals(account):
    board = make.conference(account=account, name="Board of Directors")
    weekly = make.conference(account=account, name="Weekly meeting")
    bill = make.frozen_bill(
        account=account,
        lines=[(board, 2, 30, "0.049"), (weekly, 4, 1000, "0.0425"), (weekly, 1, 5, "0.10")],
    )

    words = words_of(bill)

    assert "Mar 1, 2026, 1:00 AM Toll-free 2 30 $0.0490 $1.47 Sub-total 2 30 $1.47" in words
    assert "4 1,000 $0.0425 $42.50" in words
    assert "Sub-total 5 1,005 $43.00 Total 7 1,035 $44.47" in words


def test_printed_costs_add_up_to_the_printed_total(account):
    words = words_of(bill_of(account, calls=60))

    costs = [int(cents.replace(".", "")) for cents in re.findall(r"\$0\.0490 \$(\d+\.\d\d)", words)]
    [total] = re.findall(r"Total 180 \S+ \$(\d+\.\d\d) Times", words)
    assert len(costs) == 60
    assert sum(costs) == int(total.replace(".", ""))


def test_billing_codes_get_a_column_only_where_there_are_any(account):
    without = make.conference(account=account)
    coded = make.conference(account=account, billing_code="MKT-4711")
    plain = make.frozen_bill(account=account, lines=[(without, 3, 100, "0.049")])
    mixed = make.frozen_bill(
        account=account,
        month=plain.month.next(),
        lines=[(without, 3, 100, "0.049"), (coded, 2, 50, "0.049")],
    )

    assert "Billing code" not in words_of(plain)
    assert "Toll-free MKT-4711 2 50" in words_of(mixed)


def test_names_of_all_alphabets_are_printed_as_they_are(account):
    names = ["Łódź – Kraków", "R&D <core>", "Équipe", "Συνάντηση", "Совещание"]
    conferences = [make.conference(account=account, name=name) for name in names]
    lines = [(conference, 1, 10, "0.05") for conference in conferences]

    words = words_of(make.frozen_bill(account=account, lines=lines))

    assert [name for name in names if name not in words] == []


def test_page_heads_are_repeated_and_pages_counted(account):
    reader = reader_of(bill_of(account, calls=120))

    pages = [page.extract_text() for page in reader.pages]

    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Participants" in page


def test_no_line_is_lost_at_a_page_break(account):
    words = words_of(bill_of(account, calls=120))

    minutes = [int(found) for found in re.findall(r"Toll-free 3 (\d+) \$0\.0490", words)]
    assert minutes == list(range(100, 220))


def test_a_conference_is_not_named_at_the_foot_of_a_page_without_its_first_line(account):
    names = [make.conference(account=account, name=f"Line {i:03}") for i in range(60)]
    bill = make.frozen_bill(account=account, lines=[(name, 1, 10, "0.05") for name in names])

    pages = [page.extract_text() for page in reader_of(bill).pages]

    for page, following in pairwise(pages):
        assert re.search(r"Sub-total[^A-Za-z]*(Bill|Meridian)", " ".join(page.split())), following


def test_a_sheet_names_the_conference_that_goes_on_from_the_one_before(account):
    long = make.conference(account=account, name="Marathon")
    brief = [make.conference(account=account, name=f"Sprint {i:02}") for i in range(60)]
    lines = [*[(long, 1, 10, "0.05")] * 50, *[(one, 1, 10, "0.05") for one in brief]]
    bill = make.frozen_bill(account=account, lines=lines)

    first, second, *others = [page.extract_text() for page in reader_of(bill).pages]

    assert first.count("Marathon") == 1
    assert second.count("Marathon") == 1
    for page in others:
        sprints = re.findall(r"Sprint \d\d", page)
        assert len(sprints) == len(set(sprints))


def test_long_names_wrap_within_the_sheet(plan):
    account = make.account(plan=plan, name="The Worshipful Company of Callers " * 5)
    bill = bill_of(account, calls=1, name="Donaudampfschifffahrt" * 9)

    reader = reader_of(bill)

    assert ("Donaudampfschifffahrt" * 9) in "".join(
        "".join(page.extract_text().split()) for page in reader.pages
    )


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
