"""What people fill in about themselves."""

import zoneinfo

from django import forms
from django.utils.translation import gettext_lazy as _

from users.models import User
from users.services.profile import may_decline_bills

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian",
           "Pacific")  # fmt: skip


def time_zone_choices(current):
    """Group the zones by region for a select; `current` is among them whatever it is."""
    names = sorted(zoneinfo.available_timezones())
    groups = [
        (
            region,
            [(name, _spelled(name)) for name in sorted(names) if name.startswith(f"{region}/")],
        )
        for region in REGIONS
    ]
    listed = {name for _region, zones in groups for name, _words in zones}
    others = [(name, name) for name in sorted({"UTC", current} - listed)]
    return [*groups, (_("Other"), others)]


def _spelled(name):
    return name.partition("/")[2].replace("_", " ")


class ProfileForm(forms.ModelForm):
    """Name, time zone, and for those who may decline it, the e-bill."""

    class Meta:
        model = User
        fields = ["name", "time_zone", "receives_bills"]
        labels = {"receives_bills": _("Send me the monthly bill by e-mail")}
        help_texts = {"time_zone": _("All dates and times are shown in it.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = time_zone_choices(self.instance.time_zone)
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=choices, help_text=self.Meta.help_texts["time_zone"]
        )
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if not may_decline_bills(self.instance):
            del self.fields["receives_bills"]


class EmailForm(forms.Form):
    """The address by which one would like to sign in."""

    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if email == self.user.email.lower():
            raise forms.ValidationError(_("You sign in with this address already."))
        return email
