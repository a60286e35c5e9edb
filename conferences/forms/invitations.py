"""The form by which people are invited: names and addresses, as they are copied from anywhere."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from conferences.services.invitations import Guest
from users.forms.fields import on_one_line

#: Addresses taken at once.
MOST_AT_ONCE = 100
NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>")


class InvitationForm(forms.Form):
    """Many addresses at once; where one of them is wrong, nobody is invited yet."""

    people = forms.CharField(
        label=_("Who is invited"),
        max_length=30_000,
        widget=forms.Textarea({"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One per line: pat@example.com or Pat Doe &lt;pat@example.com&gt;."),
    )

    def clean_people(self):
        guests, wrong = {}, []
        for written in _parts(self.cleaned_data["people"]):
            guest = _guest(written)
            try:
                validate_email(guest.email)
            except ValidationError:
                wrong.append(written)
            else:
                guests.setdefault(guest.email, guest)
        if wrong:
            raise ValidationError(
                [
                    ValidationError(_("“%(written)s” is no e-mail address."), params={"written": w})
                    for w in wrong[:10]
                ]
            )
        if not guests:
            raise ValidationError(_("Type at least one e-mail address."))
        if len(guests) > MOST_AT_ONCE:
            sentence = _("At most %(most)d people are invited at once. Send the rest afterwards.")
            raise ValidationError(sentence, params={"most": MOST_AT_ONCE})
        return list(guests.values())


def _parts(text):
    """Split at lines and semicolons, and at commas where these part several addresses."""
    for line in re.split(r"[\r\n;]+", text):
        parts = line.split(",") if line.count("@") > 1 else [line]
        yield from filter(None, map(on_one_line, parts))


def _guest(written):
    named = NAMED.fullmatch(written)
    email = named["email"] if named else written
    name = named["name"].strip().strip("\"'").strip() if named else ""
    return Guest(email.strip().lower(), name[:150])
