"""The forms of PINs: one, many from a list, and which of them a print sheet is to show."""

from django import forms
from django.utils.translation import gettext_lazy as _

from conferences.forms.pin_lines import read_lines, text_of
from conferences.services.pins import NewPin
from users.forms.fields import on_one_line

#: How many PINs one list may add.
MOST_LINES = 1_000
#: A file of so many lines is far smaller.
LARGEST_FILE = 512 * 1024


class InstantInput(forms.DateTimeInput):
    """A date and time on the reader's own clock, chosen by the browser's own means."""

    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class NewPinForm(forms.Form):
    """One PIN of a kind that the reader may change."""

    kind = forms.ChoiceField(label=_("Lets in as"))
    holder_name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("Optional. Who calls in by it; the name stands in the call history."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    starts_at = forms.DateTimeField(label=_("Works from"), required=False, widget=InstantInput())
    ends_at = forms.DateTimeField(label=_("Works until"), required=False, widget=InstantInput())
    maximum_uses = forms.IntegerField(
        label=_("Maximum uses"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("Optional. After so many calls it lets nobody in any more."),
    )

    def __init__(self, *args, kinds, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]

    def clean_holder_name(self):
        return on_one_line(self.cleaned_data["holder_name"])

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if end and end <= self.now:
            self.add_error("ends_at", _("This is over already."))
        elif start and end and end <= start:
            self.add_error("ends_at", _("It must end after it starts."))
        return cleaned

    @property
    def wanted(self):
        """The PIN that is wanted, once the form is valid."""
        return NewPin(**self.cleaned_data)


class ManyPinsForm(forms.Form):
    """A list of names, or the lines of a CSV file: each is one PIN; `rows` tells of each."""

    kind = forms.ChoiceField(
        label=_("Let in as"), help_text=_("Those whose line does not say otherwise.")
    )
    lines = forms.CharField(
        label=_("Names"),
        required=False,
        max_length=LARGEST_FILE,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text=_(
            "One in each line. More may follow after commas: kind, start, end, maximum uses."
            " For example: Ana Moss, participant, 2027-01-31 09:00, 2027-02-28 18:00, 5"
        ),
    )
    file = forms.FileField(
        label=_("Or a CSV file"),
        required=False,
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text=_("Its lines follow those above."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, kinds, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.kinds, self.now, self.rows = kinds, now, []
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is too large for a list of 1,000 PINs."))
        return text_of(file.read())

    def clean(self):
        cleaned = super().clean()
        if not {"kind", "lines", "file"} <= cleaned.keys():
            return cleaned
        self._keep(f"{cleaned['lines']}\n{cleaned['file']}".strip("\n"))
        try:
            lines = read_lines(self.data["lines"])
        except forms.ValidationError as unreadable:
            self.add_error("lines", unreadable)
            return cleaned
        self._check(lines, cleaned["kind"])
        return cleaned

    @property
    def wanted(self):
        """The PINs that are wanted, in the order of their lines, once the form is valid."""
        return [row.form.wanted for row in self.rows]

    @property
    def outcome(self):
        """The lines with what becomes of each, those first that must be corrected."""
        return sorted(self.rows, key=lambda row: row.form.is_valid())

    def show(self, seen):
        """Let the form, sent again, speak of the conference's PINs as they are by now."""
        self.data["seen"] = seen

    def _keep(self, text):
        """Show in one field, to be mended there, what came by both."""
        self.data = self.data.copy()
        self.data["lines"] = text

    def _check(self, lines, kind):
        if not lines:
            self.add_error("lines", _("Type at least one name, or choose a file."))
        elif len(lines) > MOST_LINES:
            self.add_error("lines", _("These are more than 1,000 lines. Add them in parts."))
        else:
            self.rows = [self._row(line, kind) for line in lines]
        wrong = sum(not row.form.is_valid() for row in self.rows)
        if wrong:
            said = _("Nothing is added yet: %(wrong)d of %(all)d lines must be corrected.")
            self.add_error(
                "lines", forms.ValidationError(said, params={"wrong": wrong, "all": len(lines)})
            )

    def _row(self, line, kind):
        line.form = NewPinForm(line.values(kind), kinds=self.kinds, now=self.now)
        line.form.fields["kind"].error_messages["invalid_choice"] = _(
            "“%(value)s” is no kind of PIN that you may add. A name with a comma in it stands in"
            ' quotation marks: "Moss, Ana".'
        )
        if line.has_too_much:
            line.form.add_error(None, _("There is more in this line than five fields."))
        return line


class SheetForm(forms.Form):
    """Which PINs a print sheet shows: of which kind, and only those added at one moment."""

    kind = forms.ChoiceField(
        label=_("Which"), required=False, widget=forms.Select({"class": "form-select"})
    )
    added = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, kinds, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(kind.value, kind.label) for kind in kinds]
        self.fields["kind"].choices = [("", _("All kinds")), *choices]

    def narrow(self, pins):
        """Return those of `pins` that are wanted, once the form is valid."""
        wanted = {"kind": self.cleaned_data["kind"], "created_at": self.cleaned_data["added"]}
        return pins.filter(**{name: value for name, value in wanted.items() if value})
