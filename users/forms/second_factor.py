"""allauth's forms of second factors, in our words, with our limits."""

import re

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from users.second_factor import forget_tries, may_try_code, spend_code


class CodeField(forms.CharField):
    """The digits that an app shows, or a recovery code; typed with or without spaces."""

    def __init__(self, **options):
        shape = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=shape), **options)


class _LimitedCode:
    """A code works once, and after some wrong ones a person has to wait."""

    def clean_code(self):
        if not may_try_code(context.request, self.user):
            raise ValidationError(_("Too many wrong codes. Wait five minutes, then try again."))
        code = super().clean_code()
        is_from_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_from_app and not spend_code(self.user, code):
            raise ValidationError(_("This code has been used. Wait for the next one."))
        forget_tries(context.request, self.user)
        return code


class CodeForm(_LimitedCode, AuthenticateForm):
    """The second step of signing in."""

    code = CodeField(label=_("Code"))


class CodeAgainForm(_LimitedCode, ReauthenticateForm):
    """Proof that whoever sits there is still the same."""

    code = CodeField(label=_("Code"))


class AppForm(ActivateTOTPForm):
    """The first code of a new authenticator app, which proves that it works."""

    code = CodeField(label=_("Code that the app shows"))

    @property
    def spelled_secret(self):
        """The key in groups of four, to be typed by hand."""
        return " ".join(re.findall("....", self.secret))


class PasskeyForm(AddWebAuthnForm):
    """A new passkey with a name to know it by."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("To tell your passkeys apart, such as “Work laptop”."),
    )
    passwordless = forms.BooleanField(
        label=_("Sign in with this passkey alone, without a password"),
        required=False,
        initial=True,
        help_text=_("It then asks for your fingerprint, face or PIN each time."),
    )


class _Passkey:
    """Whatever a browser sends that is no answer of a passkey gets a sentence, not an error."""

    def clean_credential(self):
        try:
            return super().clean_credential()
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise get_adapter().validation_error("incorrect_passkey") from error


class ByPasskeyForm(_Passkey, AuthenticateWebAuthnForm):
    """The second step of signing in, by a passkey."""


class AgainByPasskeyForm(_Passkey, ReauthenticateWebAuthnForm):
    """Proof by a passkey that whoever sits there is still the same."""


class SignInByPasskeyForm(_Passkey, LoginWebAuthnForm):
    """Signing in by a passkey alone."""
