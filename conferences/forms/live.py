"""Whom a moderator calls into the call."""

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: Numbers that cost whoever calls them, and earn whoever had them called.
COSTLY = {phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST}


class CallOutForm(forms.Form):
    """A telephone number in a country into which the operator lets moderators call."""

    number = forms.CharField(
        label=_("Telephone number"),
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Which number shall be called?")},
    )

    def clean_number(self):
        """Return the number as E.164."""
        home = settings.OUT_DIAL_REGIONS[0]
        try:
            number = phonenumbers.parse(self.cleaned_data["number"], home)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise ValidationError(
                _(
                    "This is not a telephone number. One abroad begins with + and the code of its"
                    " country."
                )
            )
        region = phonenumbers.region_code_for_number(number)
        if region not in settings.OUT_DIAL_REGIONS:
            raise ValidationError(_("Calls to this country are not offered."))
        if number.extension or phonenumbers.number_type(number) in COSTLY:
            raise ValidationError(_("Calls to numbers of this kind are not offered."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
