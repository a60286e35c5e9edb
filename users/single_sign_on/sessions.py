"""What a session says about the company's provider: who came in through it, who asked it again."""

from allauth.account import app_settings
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from allauth.socialaccount.models import SocialAccount
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from users.models import SingleSignOn, User

METHOD = "socialaccount"


def came_through_provider(request: HttpRequest, user: User) -> bool:
    """Tell whether `user` came in, or is just coming in, through their company's provider."""
    records = get_authentication_records(request, user)
    return bool(records) and records[-1]["method"] == METHOD


def is_required_of(user: User) -> bool:
    """Tell whether `user` can come in through their company's provider only."""
    return SingleSignOn.objects.active().filter(account=user.account_id, is_required=True).exists()


def must_come_through_provider(request: HttpRequest, user: User) -> bool:
    """Tell whether `user` is coming in by another way than the only one that is theirs."""
    return is_required_of(user) and not came_through_provider(request, user)


def how_signed_in(request: HttpRequest, user: User) -> dict[str, str]:
    """Say for the audit log how `user` has come in, where it was not by password."""
    return {"through": "single sign-on"} if came_through_provider(request, user) else {}


def way_in_of(user: User) -> str:
    """Return the address at which `user` signs in through their company."""
    return reverse("sso_start", query={"company": user.account.single_sign_on.slug})


def provider_of(user: User) -> SingleSignOn | None:
    """Return the provider that can say who `user` is: it knows them, or alone lets them in."""
    asked = Q(slug__in=user.socialaccount_set.values("provider")) | Q(is_required=True)
    return SingleSignOn.objects.active().filter(asked, account=user.account_id).first()


def require_proof_of_those_without_password(request: HttpRequest, *, now: float) -> None:
    """Raise ReauthenticationRequired for people whom only their company can ask who they are.

    allauth takes everybody who has neither password nor second factor as proved.
    """
    if get_reauthentication_flows(request.user) or was_asked_lately(request, now=now):
        return
    raise ReauthenticationRequired


def was_asked_lately(request: HttpRequest, *, now: float) -> bool:
    """Tell whether the session's person has just proved anew who they are."""
    proofs = [
        record["at"]
        for record in get_authentication_records(request, request.user)
        if record.get("reauthenticated")
    ]
    return bool(proofs) and now - proofs[-1] < app_settings.REAUTHENTICATION_TIMEOUT


def ways_to_prove(user: User, own: list[dict]) -> list[dict]:
    """Return allauth's `own` ways to prove who one is, and that through the company's provider.

    It is the only way where single sign-on is required, and for people without a password.
    """
    provider = provider_of(user)
    if own and provider is None:
        return own
    through = {
        "id": "single_sign_on",
        "description": _("Sign in at your company again"),
        "url": reverse("sso_again"),
    }
    return [through] if provider and provider.is_required else [*own, through]


def note_proof(request: HttpRequest, account: SocialAccount) -> None:
    """Remember that the company's provider has just asked the session's person who they are."""
    record_authentication(
        request,
        request.user,
        METHOD,
        provider=account.provider,
        uid=account.uid,
        reauthenticated=True,
    )
