"""What a provider says about itself: its addresses, and the keys that it signs with."""

from typing import Any

import jwt

from users.single_sign_on.fetching import fetch_json, refuse_insecure
from users.single_sign_on.refusals import ProviderTrouble

WELL_KNOWN = "/.well-known/openid-configuration"
ADDRESSES = ["authorization_endpoint", "token_endpoint", "jwks_uri"]
#: What else we read there, where it is said.
KINDS = {
    "userinfo_endpoint": str,
    "claims_supported": list,
    "code_challenge_methods_supported": list,
    "id_token_signing_alg_values_supported": list,
    "response_types_supported": list,
    "token_endpoint_auth_methods_supported": list,
}
#: Signatures that only the holder of a private key can make; never "none", never a shared secret.
SIGNATURES = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]  # fmt: skip
#: What an ID token should tell beside who it is.
WANTED = ["email", "email_verified", "auth_time"]
KEY_TYPES = {"RSA", "EC", "OKP"}


def discover(issuer: str) -> dict[str, Any]:
    """Return what the provider at `issuer` says about itself. Raises ProviderTrouble."""
    said = fetch_json(issuer.rstrip("/") + WELL_KNOWN)
    if said.get("issuer") != issuer:
        raise ProviderTrouble(f"The provider calls itself {said.get('issuer')!r}, not {issuer!r}.")
    for name in ADDRESSES:
        if not isinstance(said.get(name), str):
            raise ProviderTrouble(f"The provider does not name its {name}.")
        refuse_insecure(said[name])
    for name, kind in KINDS.items():
        if not isinstance(said.get(name, kind()), kind):
            raise ProviderTrouble(f"The provider's {name} is not as it must be.")
    return said


def fetch_keys(jwks_uri: str) -> list[jwt.PyJWK]:
    """Return the keys that the provider signs with. Raises ProviderTrouble where it has none."""
    try:
        keys = jwt.PyJWKSet.from_dict(fetch_json(jwks_uri)).keys
    except (jwt.PyJWTError, TypeError, ValueError, AttributeError) as error:
        raise ProviderTrouble(f"{jwks_uri} has no keys that can be used.") from error
    usable = [key for key in keys if key.key_type in KEY_TYPES and key.public_key_use != "enc"]
    if not usable:
        raise ProviderTrouble(f"{jwks_uri} has no keys that can be used.")
    return usable


def examine(issuer: str) -> tuple[list[str], list[str]]:
    """Ask the provider at `issuer` about itself; return complaints and remarks, in words.

    A complaint keeps people from coming in. A remark is about what the provider does not promise,
    though it may still do it.
    """
    try:
        said = discover(issuer)
        fetch_keys(said["jwks_uri"])
    except ProviderTrouble as trouble:
        return [str(trouble)], []
    promised = said.get("claims_supported", [])
    return (
        [sentence for sentence, is_wrong in _wrong_choices(said).items() if is_wrong],
        [f"It does not say that it sends {name}." for name in WANTED if name not in promised],
    )


def _wrong_choices(said: dict[str, Any]) -> dict[str, bool]:
    """Return sentences with whether each is true; what is not said is taken as in order."""
    challenges = said.get("code_challenge_methods_supported", ["S256"])
    signatures = said.get("id_token_signing_alg_values_supported", SIGNATURES)
    return {
        "It does not offer the authorization code flow (response type “code”).": (
            "code" not in said.get("response_types_supported", ["code"])
        ),
        "It does not offer PKCE with S256.": "S256" not in challenges,
        "It signs by no method that we trust.": not any(name in SIGNATURES for name in signatures),
    }
