"""What people fill in about themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.time_zones import time_zone_select
from users.forms.fields import AddressField, on_one_line
from users.models import User
from users.services.profile import may_decline_bills


class ProfileForm(forms.ModelForm):
    """Name, time zone, and for those who may decline it, the e-bill."""

    class Meta:
        model = User
        fields = ["name", "time_zone", "receives_bills"]
        labels = {"receives_bills": _("Send me the monthly bill by e-mail")}
        help_texts = {"time_zone": _("All dates and times are shown in it.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].widget = time_zone_select(self.instance.time_zone)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if not may_decline_bills(self.instance):
            del self.fields["receives_bills"]

    def clean_name(self):
        return on_one_line(self.cleaned_data["name"])


class EmailForm(forms.Form):
    """The address by which one would like to sign in."""

    email = AddressField(
        label=_("New e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self):
        email = self.cleaned_data["email"]
        if email == self.user.email.lower():
            raise forms.ValidationError(_("You sign in with this address already."))
        return email
