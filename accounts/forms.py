"""What a customer may change of the account."""

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from accounts.addresses import NoSuchAddress, as_written_there
from accounts.editing import fingerprint
from accounts.models import Account
from accounts.services.accounts import EDITABLE, editable, shown
from accounts.time_zones import time_zone_select


class AccountForm(forms.ModelForm):
    """Address, phone and time zone; `seen` tells from what the page was rendered."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Account
        fields = EDITABLE
        widgets = {
            "address_line1": forms.TextInput({"autocomplete": "address-line1"}),
            "address_line2": forms.TextInput({"autocomplete": "address-line2"}),
            "city": forms.TextInput({"autocomplete": "address-level2"}),
            "region": forms.TextInput({"autocomplete": "address-level1"}),
            "postal_code": forms.TextInput({"autocomplete": "postal-code"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.initial.setdefault("seen", fingerprint(editable(self.instance)))
        self.fields["country"].widget.attrs["autocomplete"] = "country"
        self.fields["time_zone"].widget = time_zone_select(self.instance.time_zone)
        self._expect_phones_of(str(self["country"].value()))

    def clean(self):
        cleaned = super().clean()
        if "country" not in cleaned:
            return cleaned
        try:
            written = as_written_there(
                country=cleaned["country"],
                region=cleaned.get("region", ""),
                postal_code=cleaned.get("postal_code", ""),
            )
        except NoSuchAddress as wrong:
            for name, sentence in wrong.errors.items():
                self.add_error(name, sentence)
            return cleaned
        return cleaned | written

    @property
    def changes(self):
        """What the account is to be, once the form is valid."""
        return editable(self.instance)

    def show_beside(self, account):
        """Say beside each field what `account` holds by now; sent again, the form is saved."""
        self.data = self.data.copy()
        self.data["seen"] = fingerprint(editable(account))
        now, typed = editable(account), self.changes
        for name in EDITABLE:
            if now[name] != typed[name]:
                sentence = _("It is now “%(value)s”.") if now[name] else _("It is now empty.")
                self.add_error(
                    name, ValidationError(sentence, params={"value": shown(account, name)})
                )

    def _expect_phones_of(self, country):
        """Read and show numbers as they are dialled in `country`."""
        phone = self.fields["phone"]
        phone.widget.attrs["autocomplete"] = "tel"
        if country in SUPPORTED_REGIONS:
            phone.region = phone.widget.region = country
        phone.error_messages["invalid"] = _(
            "This is not a phone number in the country of the address. A number elsewhere begins"
            " with + and the code of its country."
        )
