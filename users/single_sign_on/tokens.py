"""Judging an ID token: is it from that provider, for us, for this sign-in, and fresh?

The rules are those of OpenID Connect Core 1.0, section 3.1.3.7, with the signature always checked.
"""

from typing import Any

import jwt

from users.single_sign_on.discovery import SIGNATURES
from users.single_sign_on.refusals import AnswerNotTrusted, NotAskedAgain

#: How far the provider's clock may be from ours.
LEEWAY_SECONDS = 60
#: What a token that means harm makes PyJWT raise, beside its own.
UNFIT = (jwt.PyJWTError, TypeError, ValueError, OverflowError, RecursionError)
NEEDED = ["iss", "sub", "aud", "exp", "iat"]


def judge(
    token: str, *, keys: list[jwt.PyJWK], issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """Return the claims of an ID token. Raises AnswerNotTrusted."""
    try:
        claims = jwt.decode(
            token,
            _key_of(token, keys).key,
            algorithms=SIGNATURES,
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": NEEDED},
        )
    except UNFIT as error:
        raise AnswerNotTrusted(f"the ID token is refused: {error}") from error
    if claims.get("azp", client_id) != client_id or (
        isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims
    ):
        raise AnswerNotTrusted("the ID token was made for another program")
    if claims.get("nonce") != nonce:
        raise AnswerNotTrusted("the ID token belongs to another sign-in: its nonce is not ours")
    if not is_subject(claims["sub"]):
        raise AnswerNotTrusted("the ID token's subject is not one of at most 255 ASCII characters")
    return claims


def is_subject(name: str) -> bool:
    """Tell whether `name` can be a subject (OpenID Connect Core 1.0, 2)."""
    return name.isascii() and name.isprintable() and 0 < len(name) <= 255


def refuse_unless_asked_since(claims: dict[str, Any], began_at: float) -> None:
    """Raise NotAskedAgain unless the provider asked the person themselves since `began_at`.

    A provider that is sent `max_age` must say `auth_time` (OpenID Connect Core 1.0, 3.1.2.1).
    """
    asked_at = claims.get("auth_time")
    if not isinstance(asked_at, int | float) or not asked_at >= began_at - LEEWAY_SECONDS:
        raise NotAskedAgain(f"auth_time is {asked_at!r}")


def _key_of(token: str, keys: list[jwt.PyJWK]) -> jwt.PyJWK:
    """Return the key that the token names; where it names none, the provider's only one."""
    named = jwt.get_unverified_header(token).get("kid")
    candidates = [key for key in keys if named in (None, key.key_id)]
    if len(candidates) != 1:
        raise AnswerNotTrusted(f"the provider has no one key {named!r}")
    return candidates[0]
