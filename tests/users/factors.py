"""Second factors for tests: an authenticator app that computes its codes, and signing in."""

import base64
import hashlib
import hmac
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse

from tests import make
from tests.pages import submit_password

SIGN_IN = reverse("account_login")
CODE = reverse("mfa_authenticate")
SECRET = base64.b32encode(b"twenty bytes of key.").decode()


def code(secret=SECRET, *, steps=0):
    """Compute the six digits that an app shows now, or some steps of 30 seconds off (RFC 6238)."""
    counter = int(time.time()) // 30 + steps
    digest = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def app(user):
    """Give `user` an authenticator app with SECRET, and recovery codes."""
    RecoveryCodes.activate(user)
    return TOTP.activate(user, SECRET).instance


def passkey(user, *, name="Laptop"):
    """Give `user` a passkey that is known by name only; it can sign nobody in."""
    data = {"name": name, "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def recovery_codes(user):
    codes = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return codes.wrap().get_unused_codes()


def submit_code(client, digits):
    return client.post(CODE, {"code": digits})


def confirm(client):
    """Confirm by the password that it is you, as pages ask before they change a sign-in."""
    client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})


def sign_in_and_confirm(client, user):
    submit_password(client, user.email)
    confirm(client)
