"""The form behind Add User."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.time_zones import time_zone_select
from users.forms.fields import on_one_line
from users.models import User


class NewPersonForm(forms.ModelForm):
    """Somebody new on the account: nothing but what these four fields say is taken."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Optional. Leave it empty and we send a link to choose one. A password typed here works"
            " for 72 hours: tell it to the person yourself. It is not kept when something else has"
            " to be corrected."
        ),
    )

    field_order = ["email", "name", "password", "time_zone"]

    class Meta:
        model = User
        fields = ["email", "name", "time_zone"]
        widgets = {
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        labels = {"email": _("E-mail"), "name": _("Name"), "time_zone": _("Time zone")}
        help_texts = {
            "email": _("They sign in with it. We send the invitation there."),
            "time_zone": _("In which the portal shows them dates and times."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].widget = time_zone_select(self.initial["time_zone"])

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean_name(self):
        return on_one_line(self.cleaned_data["name"])

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("password"):
            person = User(email=cleaned.get("email", ""), name=cleaned.get("name", ""))
            try:
                validate_password(cleaned["password"], person)
            except forms.ValidationError as reasons:
                self.add_error("password", reasons)
        return cleaned
