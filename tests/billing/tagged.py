"""A tagged PDF as a screen reader takes it: by its structure, the text of each element in order."""

import re
from io import BytesIO

from pypdf import PdfReader
from pypdf.generic import ContentStream

CHARACTERS = re.compile(r"<([0-9a-fA-F]{4})> *<([0-9a-fA-F]+)>")
SHOWS_TEXT = {b"Tj", b"TJ"}


def table_rows(pdf):
    """List the rows of all tables in the bytes of a PDF, each as (tag, text) of its cells."""
    reader = PdfReader(BytesIO(pdf))
    texts = {page.indirect_reference.idnum: _texts_of(page, reader) for page in reader.pages}
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    return [
        [(str(cell["/S"]), _text(cell, texts)) for cell in _kids(row) if "/S" in cell]
        for row in _elements(root)
        if row.get("/S") == "/TR"
    ]


def _elements(element):
    """Give an element and all within it, in their order."""
    yield element
    for kid in _kids(element):
        if isinstance(kid, dict):
            yield from _elements(kid)


def _kids(element):
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        yield kid.get_object()


def _text(element, texts):
    """Join what is marked as content of `element` or of those within it."""
    found = []
    for each in _elements(element):
        for kid in _kids(each):
            marked, page = (kid, each) if isinstance(kid, int) else (kid.get("/MCID"), kid)
            if marked is not None:
                found.append(texts[page.raw_get("/Pg").idnum][marked])
    return " ".join(" ".join(found).split())


def _texts_of(page, reader):
    """Return the text of each marked content of a page, by its number."""
    fonts = {name: _alphabet(font.get_object()) for name, font in _fonts(page).items()}
    texts, open_marks, font = {}, [], None
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator in {b"BDC", b"BMC"}:
            properties = operands[1] if len(operands) > 1 else {}
            open_marks.append(properties.get("/MCID"))
        elif operator == b"EMC":
            open_marks.pop()
        elif operator == b"Tf":
            font = fonts[operands[0]]
        elif operator in SHOWS_TEXT and open_marks[-1] is not None:
            texts[open_marks[-1]] = texts.get(open_marks[-1], "") + _shown(operands[0], font)
    return texts


def _fonts(page):
    return page["/Resources"].get("/Font", {})


def _alphabet(font):
    """Return what each glyph of a font stands for."""
    table = font["/ToUnicode"].get_data().decode()
    return {
        int(glyph, 16): bytes.fromhex(text).decode("utf-16-be")
        for glyph, text in CHARACTERS.findall(table)
    }


def _shown(operand, alphabet):
    parts = operand if isinstance(operand, list) else [operand]
    glyphs = b"".join(part.original_bytes for part in parts if isinstance(part, str | bytes))
    pairs = zip(glyphs[::2], glyphs[1::2], strict=True)
    return "".join(alphabet[high << 8 | low] for high, low in pairs)
