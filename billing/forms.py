"""What customers type about their bills and what is on them."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.filters import THIS_CENTURY, PeriodForm
from accounts.periods import Month
from accounts.templatetags.dates import month
from conferences.models import Session

#: The codes that a browser offers while one is typed, by the id of their list on the page.
KNOWN_CODES = "known-codes"
#: How a day is asked for.
DAY = {
    "widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    "validators": THIS_CENTURY,
    "error_messages": {
        "invalid": _("Write a day like 11/25/2026."),
        "required": _("Choose a day."),
    },
}


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


class MonthsForm(forms.Form):
    """Two months of `bills`, which come the newest first; unless filled in, the last two."""

    before = forms.ChoiceField(label=_("Compare"))
    after = forms.ChoiceField(label=_("with"))

    def __init__(self, data, *, bills):
        super().__init__(data)
        self.bills = {str(bill.month): bill for bill in bills}
        self.newest = list(self.bills)[:2][::-1]
        choices = [(key, month(bill.month.first_day)) for key, bill in self.bills.items()]
        for name, initial in zip(self.fields, self.newest, strict=False):
            self.fields[name].choices = choices
            self.fields[name].initial = initial
            self.fields[name].error_messages["invalid_choice"] = _("Choose one of your bills.")

    def clean(self):
        cleaned = super().clean()
        before, after = (self.bills.get(cleaned.get(name)) for name in ("before", "after"))
        if before and before == after:
            self.add_error("after", _("Choose another month than the first."))
        elif before and after and before.currency != after.currency:
            self.add_error("after", _("These bills are in different currencies."))
        return cleaned

    def chosen(self):
        """Return the two bills, the one compared with last; None where there are no two."""
        if self.is_valid():
            return [self.bills[self.cleaned_data[name]] for name in self.fields]
        if self.is_bound or len(self.newest) < 2:
            return None
        before, after = (self.bills[key] for key in self.newest)
        return [before, after] if before.currency == after.currency else None


class StatementForm(PeriodForm):
    """From which day to which a statement goes; unless filled in, the last three months."""

    since = forms.DateField(label=_("From"), **DAY)
    until = forms.DateField(label=_("Until"), **DAY)

    def __init__(self, data, *, today):
        super().__init__(data)
        self.today = today
        first = Month(today.year, today.month, "UTC").previous().previous().first_day
        self.fields["since"].initial, self.fields["until"].initial = first, today

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until > self.today:
            raise ValidationError(_("Choose a day that has come already."))
        return until

    def period(self):
        """Return the first and the last day; None where they make no sense."""
        if not self.is_bound:
            return [self.fields[name].initial for name in ("since", "until")]
        if not self.is_valid():
            return None
        return [self.cleaned_data[name] for name in ("since", "until")]


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
