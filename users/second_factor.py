"""Second factors: who has one, who must have one before going on, how often one may try.

A factor is an authenticator app or a passkey; recovery codes only stand in for them.
"""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest

from users.models import User
from users.single_sign_on.sessions import METHOD

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
#: Wrong codes that one person may give. A stranger needs the password to come so far.
LIMITS = {"second_factor_code": "5/5m/key,40/d/key"}
#: How long a code is remembered as used: longer than any is accepted.
CODE_MEMORY_SECONDS = 5 * 60


def must_set_up(request: HttpRequest) -> bool:
    """Tell whether who is signed in needs a factor before going on.

    A company's own single sign-on is in charge of those whom it signs in, and staff who look at
    the portal as a customer are not that customer.
    """
    user = request.user
    if not needs_factor(user) or getattr(request, "staff", None) is not None:
        return False
    records = get_authentication_records(request, user)
    by_single_sign_on = any(record.get("method") == METHOD for record in records)
    return not by_single_sign_on and not has_second_factor(user)


def needs_factor(user: User | AnonymousUser) -> bool:
    """Tell whether the account of `user` wants everybody to have a second factor."""
    is_customer = user.is_authenticated and user.account_id is not None
    return is_customer and user.account.requires_second_factor


def has_second_factor(user: User) -> bool:
    """Tell whether `user` signs in with an authenticator app or a passkey."""
    return factors_of(user).exists()


def factors_of(user: User):
    """Return the authenticator app and passkeys of `user`, the oldest first."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).order_by("pk")


def is_last_required(factor: Authenticator) -> bool:
    """Tell whether the account wants a factor and `factor` is the only one of its person."""
    others = factors_of(factor.user).exclude(pk=factor.pk)
    return needs_factor(factor.user) and not others.exists()


def may_try_code(request: HttpRequest, user: User) -> bool:
    """Count a try of a code; False where `user` has had too many wrong ones."""
    return bool(ratelimit.consume(request, user=user, **_limit(user)))


def forget_tries(request: HttpRequest, user: User) -> None:
    """Begin to count anew, after a right code."""
    ratelimit.clear(request, **_limit(user))


def spend_code(user: User, code: str) -> bool:
    """Note that `code` has been used; False where it has been already."""
    digits = "".join(filter(str.isalnum, code))
    return cache.add(f"second-factor-code:{user.pk}:{digits}", 1, CODE_MEMORY_SECONDS)


def _limit(user):
    return {
        "app": "users",
        "action": "second_factor_code",
        "config": LIMITS,
        "key": f"{user.pk}",
    }
