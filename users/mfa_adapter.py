"""How allauth keeps and names second factors here."""

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.sealing import opened, sealed


class MFAAdapter(DefaultMFAAdapter):
    """Secrets are encrypted at rest; apps and browsers show the operator's name."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is not right. Codes change every 30 seconds."),
        "incorrect_passkey": gettext_lazy("This passkey was not accepted. Please try again."),
    }

    def get_totp_issuer(self):
        return settings.OPERATOR_NAME

    def encrypt(self, text):
        return sealed(text, keys=settings.SECOND_FACTOR_KEYS).decode()

    def decrypt(self, encrypted_text):
        return opened(encrypted_text.encode(), keys=settings.SECOND_FACTOR_KEYS)

    def generate_authenticator_name(self, user, type):
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1} if count else _("My passkey")

    def get_public_key_credential_rp_entity(self):
        host = context.request.get_host().partition(":")[0]
        return {"id": host, "name": settings.OPERATOR_NAME}
