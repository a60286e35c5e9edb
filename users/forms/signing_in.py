"""What is typed to get in: allauth's forms in our words, and that of the first sign-in."""

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from django import forms
from django.utils.translation import gettext_lazy as _

from users.forms.fields import AddressField


class SignInForm(allauth_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name_email(self.fields["login"])
        self.fields["remember"].label = _("Stay signed in when I close the browser")


class LinkWishForm(forms.Form):
    """Where to send the link; whether anybody has that address is not looked up here."""

    email = AddressField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def save(self, request):
        get_adapter().send_password_link(self.cleaned_data["email"])


class LinkForm(allauth_forms.UserTokenForm):
    """What the link in a letter says. It is of no use to disabled and removed people."""

    def clean(self):
        cleaned = super().clean()
        if not self.reset_user.is_active:
            raise get_adapter().validation_error("invalid_password_reset")
        return cleaned


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name_new_password(self)


class FirstPasswordForm(allauth_forms.SetPasswordForm):
    """For one who has signed in without a password, through their company."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name_new_password(self)


class FirstSignInForm(FirstPasswordForm):
    """An own password in place of the temporary one; the code where the address is not proved."""

    code = forms.CharField(
        label=_("Code from the invitation"),
        help_text=_("Eight digits, in the letter that we sent to your address."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    field_order = ["code", "password1", "password2"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.user.email_confirmed_at is not None:
            del self.fields["code"]

    def clean_code(self):
        return "".join(self.cleaned_data["code"].split())


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        name_new_password(self)


def name_email(field):
    field.label = _("E-mail address")
    field.widget.attrs["autocomplete"] = "username"


def name_new_password(form):
    """Label the two fields as everywhere, and say in one sentence what a password must be."""
    form.fields["password1"].label = _("New password")
    form.fields["password1"].help_text = _(
        "At least 12 characters; not a common one, and not like your name or address."
    )
    form.fields["password2"].label = _("New password, again")
