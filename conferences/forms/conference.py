"""What customers change of a conference."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.editing import fingerprint
from conferences.models import Conference
from conferences.services.conferences import EDITABLE, editable


class ConferenceForm(forms.ModelForm):
    """Name, billing code and options; `seen` tells from what the page was rendered."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Conference
        fields = EDITABLE
        help_texts = {
            "name": _("Your bills list the calls under it."),
            "billing_code": _("Your own cost centre; bills that are issued already keep theirs."),
            "records_automatically": _("Each call is recorded from its beginning."),
            "plays_entry_tones": _("A tone is heard when somebody comes or goes."),
            "announces_names": _("Callers say their names, which the others hear."),
            "mutes_on_entry": _("Participants begin muted; moderators and speakers do not."),
            "waits_for_moderator": _("Participants hear music until a moderator comes."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("seen", fingerprint(editable(self.instance)))

    @property
    def changes(self):
        """What the conference is to be, once the form is valid."""
        return editable(self.instance)

    def show_beside(self, conference):
        """Say beside each field what it is by now; sent again, the form is saved."""
        self.data = self.data.copy()
        self.data["seen"] = fingerprint(editable(conference))
        now, typed = editable(conference), self.changes
        for name in EDITABLE:
            if now[name] != typed[name]:
                self.add_error(name, _now_it_is(now[name]))


def _now_it_is(value):
    if isinstance(value, bool):
        return _("It is now switched on.") if value else _("It is now switched off.")
    if not value:
        return _("It is now empty.")
    return ValidationError(_("It is now “%(value)s”."), params={"value": value})
