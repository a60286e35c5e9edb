"""A passkey made of software: it signs what the portal asks, as a phone's or a laptop's does.

https://www.w3.org/TR/webauthn-2/
"""

import hashlib
import json

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

SITE, ORIGIN = "testserver", "http://testserver"
SIGN_IN = reverse("mfa_login_webauthn")
#: It asks for a fingerprint, and knows its person.
SEEN = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class SoftPasskey:
    """The passkey of one person, which they have added to their sign-in."""

    def __init__(self, user):
        self.user = user
        self.id = hashlib.sha256(str(user.pk).encode()).digest()
        self.key = ec.generate_private_key(ec.SECP256R1())
        WebAuthn.add(user, "Phone", self._registration())

    def sign_in(self, client):
        """Let the person sign in by this alone."""
        return client.post(SIGN_IN, {"credential": self.answer(challenge_at_entrance(client))})

    def answer(self, challenge):
        """Sign `challenge`, and return what the browser sends."""
        about = self._client_data("webauthn.get", challenge)
        here = AuthenticatorData.create(_site(), SEEN, counter=1)
        signature = self.key.sign(here + hashlib.sha256(about).digest(), ec.ECDSA(SHA256()))
        answer = self._credential(
            clientDataJSON=about,
            authenticatorData=here,
            signature=signature,
            userHandle=user_pk_to_url_str(self.user).encode(),
        )
        return json.dumps(answer)

    def _registration(self):
        key = ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(bytes(16), self.id, key)
        flags = SEEN | AuthenticatorData.FLAG.AT
        here = AuthenticatorData.create(_site(), flags, counter=0, credential_data=made)
        return self._credential(
            clientDataJSON=self._client_data("webauthn.create", "AAAA"),
            attestationObject=AttestationObject.create("none", here, {}),
        ) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def _client_data(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": ORIGIN}).encode()

    def _credential(self, **response):
        encoded = {name: websafe_encode(bytes(part)) for name, part in response.items()}
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": encoded,
            "clientExtensionResults": {},
        }


def challenge_at_entrance(client):
    """Ask for a challenge as the page of signing in does."""
    asked = client.get(SIGN_IN, headers={"x-requested-with": "XMLHttpRequest"}).json()
    return asked["request_options"]["publicKey"]["challenge"]


def challenge_on(client, page):
    """Open `page`, which asks somebody it knows, and return its challenge."""
    client.get(page)
    return client.session["mfa.webauthn.state"]["challenge"]


def _site():
    return hashlib.sha256(SITE.encode()).digest()
