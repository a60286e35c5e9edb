"""FreeSWITCH's own XML, and nothing else: text into a tree, refusing what its writer never writes.

The switch stops escaping a text once it meets `<!`, so a caller's display name can carry markup
into the file (README, Decisions). Its writer has no comments, CDATA, processing instructions or
document types, and gives every element a line of its own, indented by two spaces for each level;
a display name cannot hold a line break. A file with any of the former, or without the latter, was
not written by the switch alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from conferences.records.leg import Reason

DECLARATION = b'<?xml version="1.0"?>\n'
DEEPEST = 6
LARGEST_BYTES = 64 * 1024 * 1024
_BLANK = " \n"
_UNFINISHED = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
}


class NotBySwitch(Exception):
    """The file is not what the switch alone would have written."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class Element:
    """One element; `start` and `end` are its byte offsets in the file, markup included."""

    tag: str
    attributes: list[str]
    start: int
    line: int
    end: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)


def parse(data: bytes) -> Element:
    """Return the root element of `data`. Raises NotBySwitch."""
    if len(data) > LARGEST_BYTES:
        raise NotBySwitch(Reason.TOO_LARGE, f"The file is larger than {LARGEST_BYTES} bytes.")
    if not data.startswith(DECLARATION):
        raise NotBySwitch(
            Reason.UNFINISHED if DECLARATION.startswith(data) else Reason.NOT_AS_WRITTEN,
            "The file does not begin with the switch's own first line.",
        )
    return _Reader(data).read()


class _Reader:
    """Gathers expat's events into a tree and looks where each of them stands."""

    def __init__(self, data: bytes):
        self.data = data
        self.root: Element | None = None
        self.open: list[Element] = []
        self.texts: list[str] = []
        self.last_line = 1
        self.expat = expat.ParserCreate()
        self.expat.ordered_attributes = True
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self.start
        self.expat.EndElementHandler = self.end
        self.expat.CharacterDataHandler = self.texts.append
        self.expat.CommentHandler = self.refuse("a comment")
        self.expat.StartCdataSectionHandler = self.refuse("a CDATA section")
        self.expat.ProcessingInstructionHandler = self.refuse("a processing instruction")
        self.expat.StartDoctypeDeclHandler = self.refuse("a document type")
        self.expat.EntityDeclHandler = self.refuse("an entity declaration")

    def read(self) -> Element:
        try:
            self.expat.Parse(self.data, True)
        except expat.ExpatError as error:
            raise NotBySwitch(*_told(error)) from error
        return self.root

    def refuse(self, what: str):
        def handler(*_):
            line = self.expat.CurrentLineNumber
            detail = f"Line {line} holds {what}, which the switch never writes."
            raise NotBySwitch(Reason.FORBIDDEN_MARKUP, detail)

        return handler

    def start(self, tag: str, attributes: list[str]):
        element = Element(
            tag, attributes, self.expat.CurrentByteIndex, self.expat.CurrentLineNumber
        )
        self.stands_alone(f"<{tag}>")
        if self.open:
            self.end_text(self.open[-1], leaf=False)
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)
        if len(self.open) > DEEPEST:
            raise NotBySwitch(Reason.NOT_AS_WRITTEN, f"Line {element.line} is nested too deep.")

    def end(self, tag: str):
        element = self.open.pop()
        at = self.expat.CurrentByteIndex
        if self.data[at : at + 2] != b"</":
            detail = f"Line {element.line} closes <{tag}/> at once, as the switch never does."
            raise NotBySwitch(Reason.NOT_AS_WRITTEN, detail)
        if element.children:
            self.stands_alone(f"</{tag}>")
        self.last_line = self.expat.CurrentLineNumber
        self.end_text(element, leaf=not element.children)
        element.end = at + len(f"</{tag}>".encode())

    def stands_alone(self, what: str):
        """Refuse a tag that is not the first on its line, or not indented for its level."""
        line, column = self.expat.CurrentLineNumber, self.expat.CurrentColumnNumber
        if line <= self.last_line or column != 2 * len(self.open):
            detail = f"{what} in line {line} does not stand where the switch would have put it."
            raise NotBySwitch(Reason.NOT_AS_WRITTEN, detail)
        self.last_line = line

    def end_text(self, element: Element, *, leaf: bool):
        text = "".join(self.texts)
        self.texts.clear()
        if leaf:
            element.text = text
        elif text.strip(_BLANK):
            detail = f"<{element.tag}> of line {element.line} holds text between its elements."
            raise NotBySwitch(Reason.NOT_AS_WRITTEN, detail)


def _told(error: expat.ExpatError) -> tuple[Reason, str]:
    problem = expat.ErrorString(error.code)
    if error.code in _UNFINISHED:
        return Reason.UNFINISHED, f"The file breaks off in line {error.lineno}: {problem}."
    return Reason.NOT_WELL_FORMED, f"Line {error.lineno} is not well-formed XML: {problem}."
