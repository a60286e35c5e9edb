"""What staff fill in while they look."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AllowForm(forms.Form):
    """Why changes are needed, in words that the customer reads."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("The customer reads it in their audit log."),
        error_messages={"required": _("Say why you change things in this person's place.")},
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False)
