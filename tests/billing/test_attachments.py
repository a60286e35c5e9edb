"""What a bill's PDF holds beside its pages: the bill as data, and what is said about that."""

import os
import shutil
import subprocess
from io import BytesIO
from xml.etree import ElementTree

import facturx
import page
import pytest
from django.urls import reverse
from pypdf import PdfReader, PdfWriter

from billing import einvoice, pdf
from tests import make
from tests.billing.einvoices import attached
from tests.pages import sign_in

XMP = {
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
STANDARDS = ["3a", "ua1"]


@pytest.fixture
def bill(account):
    zurich = make.conference(account=account, name="Zürich – Übersicht", billing_code="=1+1")
    board = make.conference(account=account, name="Board")
    lines = [(board, 3, 100, "0.049"), *[(zurich, 2, 30, "0.0425")] * 60]
    return make.frozen_bill(account=account, lines=lines, number=123)


@pytest.fixture
def printed(bill):
    return pdf.render(bill)


def root_of(printed):
    return PdfReader(BytesIO(printed)).trailer["/Root"]


def test_the_files_are_those_that_the_page_serves(client, admin, bill, printed):
    sign_in(client, admin)

    files = attached(printed)

    assert files == {
        "bill-000123.csv": client.get(reverse("billing:bill_csv", args=[123])).content,
        "factur-x.xml": client.get(reverse("billing:bill_xml", args=[123])).content,
    }


def test_each_file_is_named_once_with_what_it_is_to_the_page(printed):
    files = [reference.get_object() for reference in root_of(printed)["/AF"]]

    assert [(file["/UF"], file["/AFRelationship"], file["/Desc"]) for file in files] == [
        ("bill-000123.csv", "/Supplement", "The bill as a table"),
        ("factur-x.xml", "/Alternative", "The bill as an e-invoice"),
    ]


def test_each_file_has_its_type_and_the_time_of_the_bill(bill, printed):
    streams = [file.get_object()["/EF"]["/F"] for file in root_of(printed)["/AF"]]

    assert [stream["/Subtype"] for stream in streams] == ["/text/csv", "/text/xml"]
    for stream in streams:
        parameters = stream["/Params"]
        assert parameters["/CreationDate"] == parameters["/ModDate"] == "D:20260401100000Z"
        assert parameters["/Size"] == len(stream.get_data())


def test_files_are_listed_in_the_order_of_their_names(printed):
    names = root_of(printed)["/Names"]["/EmbeddedFiles"]["/Names"][::2]

    assert names == sorted(names) == ["bill-000123.csv", "factur-x.xml"]


def test_the_metadata_say_which_file_is_the_invoice(printed):
    xmp = ElementTree.fromstring(root_of(printed)["/Metadata"].get_object().get_data().decode())

    said = {name: xmp.findtext(f".//fx:{name}", namespaces=XMP) for name in described(xmp)}
    assert said == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }


def described(xmp):
    """List the properties of the e-invoice that the metadata describe, as PDF/A demands."""
    for schema in xmp.iterfind(".//rdf:li", XMP):
        if schema.findtext("pdfaSchema:prefix", namespaces=XMP) == "fx":
            return [name.text for name in schema.iterfind(".//pdfaProperty:name", XMP)]
    return []


def test_another_program_finds_the_invoice_in_the_pdf(bill, printed):
    name, xml = facturx.get_facturx_xml_from_pdf(printed, check_xsd=True)

    assert (name, xml) == ("factur-x.xml", einvoice.as_xml(bill))


def test_a_credit_note_holds_no_invoice_and_claims_none(account, staff):
    note = make.credit_note(make.issued(account, "2026-03", dollars=5), cents=200, by=staff)

    printed = pdf.render(note)

    assert attached(printed) == {}
    assert b"urn:factur-x" not in root_of(printed)["/Metadata"].get_object().get_data()


@pytest.mark.parametrize("standard", STANDARDS)
def test_a_checker_finds_nothing_against_the_standard(bill, charged_bill, account, staff, standard):
    note = make.credit_note(make.issued(account, "2026-05", dollars=5), cents=200, by=staff)

    no_calls = make.frozen_bill(account=account, month=bill.month.next())
    for subject in (bill, charged_bill, no_calls, note):
        report = page.validate_pdf_bytes(pdf.render(subject), profile=standard)

        assert [(found.rule_id, found.message) for found in report.failures] == []
        assert report.rules.passed > 100


@pytest.mark.parametrize(("standard", "entry"), [("3a", "/AF"), ("ua1", "/Lang")])
def test_the_checker_finds_what_is_missing(printed, standard, entry):
    writer = PdfWriter(clone_from=BytesIO(printed))
    del writer.root_object[entry]
    damaged = BytesIO()
    writer.write(damaged)

    report = page.validate_pdf_bytes(damaged.getvalue(), profile=standard)

    assert report.failures


def test_qpdf_finds_nothing_wrong(printed, tmp_path):
    program = shutil.which("qpdf")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("qpdf is not installed.")
    file = tmp_path / "bill.pdf"
    file.write_bytes(printed)

    checked = subprocess.run([program, "--check", file], capture_output=True, text=True)

    assert (checked.returncode, checked.stderr) == (0, "")
