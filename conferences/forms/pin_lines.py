"""A pasted list or a CSV file of PINs, read into lines."""

import csv
import io

from django import forms
from django.utils.translation import gettext_lazy as _

from conferences.models import Pin

#: The columns, as the fields of the form for one PIN are called.
COLUMNS = ["holder_name", "kind", "starts_at", "ends_at", "maximum_uses"]
#: What else than a comma may part the columns, as spreadsheets in many countries write them.
OTHER_DELIMITERS = ";\t"
#: What the first column is called in a file that begins with a line of heads.
HEADS = {"name", "holder_name"}


class Line:
    """One line with something in it, `form` is what became of it."""

    def __init__(self, number, cells):
        self.number = number
        self.cells = [cell.strip() for cell in cells]
        self.form = None

    @property
    def has_too_much(self):
        return len(self.cells) > len(COLUMNS)

    @property
    def text(self):
        return ", ".join(cell for cell in self.cells if cell)

    @property
    def kind_label(self):
        """The kind of a line that is in order, as pages name it."""
        return Pin.Kind(self.form.wanted.kind).label

    def values(self, kind):
        """Return what the line says by the names of the form's fields; `kind` where it does not."""
        said = dict(zip(COLUMNS, self.cells, strict=False))
        said["kind"] = _kind_called(said.get("kind")) or kind
        return said


def read_lines(text):
    """List the lines of `text` that say something. Raises ValidationError."""
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    lines = []
    try:
        for cells in reader:
            lines.append(Line(reader.line_num, cells))
    except csv.Error as error:
        raise forms.ValidationError(
            _("Line %(number)d cannot be read: a quotation mark is missing or too many there."),
            params={"number": reader.line_num},
        ) from error
    lines = [line for line in lines if any(line.cells)]
    if lines and lines[0].cells[0].lower() in HEADS:
        del lines[0]
    return lines


def text_of(content):
    """Return the text in the bytes of a file. Raises ValidationError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(
            _("This is no text in UTF-8. In a spreadsheet, save it as “CSV UTF-8”.")
        ) from error
    if "\0" in text:
        raise forms.ValidationError(_("This is no text file."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _delimiter(text):
    """Tell by the first line that has any of them what parts the columns."""
    for line in text.splitlines():
        found = [sign for sign in OTHER_DELIMITERS if sign in line]
        if found and "," not in line:
            return found[0]
        if "," in line:
            break
    return ","


def _kind_called(word):
    """Return the kind that a line names in whatever letters, or else just what it says."""
    by_name = {name.casefold(): kind for kind in Pin.Kind for name in (kind.value, str(kind.label))}
    return by_name.get(word.casefold(), word) if word else ""
