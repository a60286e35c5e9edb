"""The company's provider as allauth knows one, asked more strictly than allauth asks.

Only `begin` leads to it, and only `arrive` back. Beside allauth's state and PKCE there is a nonce;
the ID token's signature is always checked; the issuer must be the one that staff entered; and what
the provider answers can choose neither scope nor another way through allauth.
"""

import datetime as dt
import hashlib
import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict

from users.models import SingleSignOn
from users.single_sign_on.discovery import discover, fetch_keys
from users.single_sign_on.fetching import fetch_json
from users.single_sign_on.refusals import AnswerNotTrusted, NotBegunHere, TurnedBack
from users.single_sign_on.tokens import judge, refuse_unless_asked_since

SCOPE = "openid email profile"


class CompanyProvider(OpenIDConnectProvider):
    """The provider of one `single_sign_on`."""

    def __init__(self, request: HttpRequest, app) -> None:
        super().__init__(request, app=app)
        self.single_sign_on: SingleSignOn = app.single_sign_on

    def begin(self, *, now: dt.datetime, next_url: str | None = None, again: bool = False) -> str:
        """Remember in the session what must come back, and return the address to go to.

        With `again` the provider must ask the person, though it may know them. Raises
        ProviderTrouble.
        """
        said = discover(self.single_sign_on.issuer)
        pkce = generate_code_challenge()
        nonce = secrets.token_urlsafe(32)
        state = self.stash_redirect_state(
            self.request,
            AuthProcess.LOGIN,
            next_url,
            verifier=pkce["code_verifier"],
            nonce=nonce,
            again=again,
            began_at=now.timestamp(),
        )
        query = {
            "response_type": "code",
            "client_id": self.single_sign_on.client_id,
            "redirect_uri": self.single_sign_on.redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": pkce["code_challenge"].decode(),
            "code_challenge_method": pkce["code_challenge_method"],
        }
        if again:
            query |= {"prompt": "login", "max_age": "0"}
        return _with_query(said["authorization_endpoint"], query)

    def arrive(self) -> SocialLogin:
        """Return who comes back from the provider, as far as it vouches. Raises SignInRefused."""
        answer = self.request.GET
        state = self._state_of(answer)
        said = discover(self.single_sign_on.issuer)
        if answer.get("iss", said["issuer"]) != said["issuer"]:
            raise AnswerNotTrusted("the answer is another provider's (RFC 9207)")
        if "code" not in answer:
            raise TurnedBack(f"the provider answered {answer.get('error', 'nothing')[:60]!r}")
        tokens = self._exchange(said, answer["code"], state["verifier"])
        claims = judge(
            str(tokens.get("id_token")),
            keys=fetch_keys(said["jwks_uri"]),
            issuer=said["issuer"],
            client_id=self.single_sign_on.client_id,
            nonce=state["nonce"],
        )
        if state["again"]:
            refuse_unless_asked_since(claims, state["began_at"])
        login = self.sociallogin_from_response(self.request, self._with_email(said, tokens, claims))
        login.state = state
        return login

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Name the person by issuer and subject, since a subject means nothing elsewhere."""
        return hashlib.sha256(f"{data['iss']} {data['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, str]:
        return {"iss": data["iss"], "sub": data["sub"]}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, str]:
        """Take over nothing: nobody signs up by what a provider says."""
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        if not isinstance(data.get("email"), str):
            return []
        # Some providers write the word instead of the value.
        verified = data.get("email_verified") in (True, "true")
        return [EmailAddress(email=data["email"], verified=verified, primary=True)]

    def _state_of(self, answer: QueryDict) -> dict[str, Any]:
        """Take out of the session what `begin` put there for this answer. Raises NotBegunHere."""
        try:
            return self.unstash_redirect_state(self.request, answer.get("state", ""))
        except PermissionDenied as error:
            raise NotBegunHere("the state is not of this sign-in") from error

    def _exchange(self, said: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        """Give the code to the provider, and return its tokens. Raises ProviderTrouble."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.single_sign_on.redirect_uri,
            "code_verifier": verifier,
        }
        own = (self.single_sign_on.client_id, self.single_sign_on.client_secret)
        if "client_secret_post" in said.get("token_endpoint_auth_methods_supported", []):
            form |= {"client_id": own[0], "client_secret": own[1]}
            return fetch_json(said["token_endpoint"], method="POST", data=form)
        basic = tuple(part.encode() for part in own)
        return fetch_json(said["token_endpoint"], method="POST", data=form, auth=basic)

    def _with_email(
        self, said: dict[str, Any], tokens: dict[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the claims, with the e-mail asked for where the ID token has none."""
        if "email" in claims or "userinfo_endpoint" not in said or "access_token" not in tokens:
            return claims
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        told = fetch_json(said["userinfo_endpoint"], headers=bearer)
        if told.get("sub") != claims["sub"]:
            raise AnswerNotTrusted("the provider tells about somebody else than it signed for")
        return {**told, **claims}


def _with_query(address: str, query: dict[str, str]) -> str:
    parts = QueryDict(mutable=True)
    parts.update(query)
    return f"{address}{'&' if '?' in address else '?'}{parts.urlencode()}"
