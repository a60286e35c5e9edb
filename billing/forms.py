"""What customers type about their bills and what is on them."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from conferences.models import Session

#: The codes that a browser offers while one is typed, by the id of their list on the page.
KNOWN_CODES = "known-codes"


class CodeField(forms.CharField):
    """A billing code, as short as bills have room for."""

    def __init__(self, **kwargs):
        super().__init__(
            max_length=Session._meta.get_field("billing_code").max_length,
            required=False,
            widget=forms.TextInput(attrs={"list": KNOWN_CODES, "autocomplete": "off"}),
            error_messages={"max_length": _("A billing code has at most 50 characters.")},
            **kwargs,
        )


class CodeForm(forms.Form):
    """The billing code of one call."""

    code = CodeField(
        label=_("Billing code"),
        help_text=_("Leave it empty to bill the call under the code keyed in or the conference's."),
    )


class MissingCodesForm(forms.Form):
    """The billing codes of `sessions` without one; those left empty are left as they are."""

    def __init__(self, *args, sessions, **kwargs):
        super().__init__(*args, **kwargs)
        self.sessions = sessions
        for session in sessions:
            self.fields[name_of(session.pk)] = CodeField(label=_("Billing code"))

    def clean(self):
        cleaned = super().clean()
        for session in self.sessions:
            if session.code and cleaned.get(name_of(session.pk)):
                words = _("Meanwhile somebody gave this call the code %(code)s.")
                wrong = ValidationError(words, params={"code": session.code})
                self.add_error(name_of(session.pk), wrong)
        if not self.errors and not self.codes:
            raise ValidationError(_("Fill in the code of at least one call."))
        return cleaned

    @property
    def codes(self):
        """The codes that were filled in, by the keys of their sessions."""
        given = {session.pk: self.cleaned_data[name_of(session.pk)] for session in self.sessions}
        return {pk: code for pk, code in given.items() if code}

    @property
    def rows(self):
        """Each session with its field."""
        return [(session, self[name_of(session.pk)]) for session in self.sessions]

    @staticmethod
    def asked_about(data):
        """Return the keys of the sessions about which the form was sent."""
        prefix = name_of("")
        keys = [name.removeprefix(prefix) for name in data if name.startswith(prefix)]
        return [int(key) for key in keys if key.isdecimal() and len(key) < 18]


def name_of(pk):
    """Return how the field of a session is called."""
    return f"code-{pk}"


class QuestionForm(forms.Form):
    """A question about one line."""

    text = forms.CharField(
        label=_("Your question"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What is wrong or unclear about this line? We answer here and by e-mail."),
        error_messages={
            "required": _("Please write your question."),
            "max_length": _("Please be shorter: at most %(limit_value)d characters."),
        },
    )
