"""The form behind Edit User Rights: a role, and a table of ticks that may be long."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from users.models import RoleChoice
from users.policy import Right

TICK = re.compile(rf"([1-9][0-9]{{0,17}}):({'|'.join(Right)})", re.ASCII)


class TicksField(forms.Field):
    """The ticked boxes of the table, each `conference:right`; cleans to {pk: set of rights}."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "not_a_tick": _("These ticks could not be read. Open the page again and tick once more.")
    }

    def to_python(self, value):
        ticked = {}
        for tick in value or []:
            read = TICK.fullmatch(tick)
            if read is None:
                raise ValidationError(self.error_messages["not_a_tick"], code="not_a_tick")
            ticked.setdefault(int(read[1]), set()).add(read[2])
        return ticked


class RightsForm(forms.Form):
    """What somebody shall be allowed; `seen` is the standing that the page was made from."""

    role = forms.ChoiceField(label=_("Role"), choices=RoleChoice, widget=forms.RadioSelect)
    ticked = TicksField(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class DraftForm(RightsForm):
    """The same, not to be saved yet: with the words that rows must hold, and a column to tick."""

    role = forms.ChoiceField(choices=RoleChoice, required=False)
    seen = forms.CharField(required=False, max_length=64)
    words = forms.CharField(required=False, max_length=200)
    shown = forms.CharField(required=False, max_length=200)
    column = forms.ChoiceField(
        required=False,
        choices=[(f"{action}:{right}", "") for action in ("tick", "untick") for right in Right],
    )
