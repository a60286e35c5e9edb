"""Signing in through one's own company, there and back."""

from urllib.parse import urlsplit

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from users.forms.single_sign_on import CompanyForm
from users.models import SingleSignOn
from users.single_sign_on.adapter import record_refusal
from users.single_sign_on.provider import CompanyProvider
from users.single_sign_on.refusals import NotBegunHere, SignInRefused
from users.single_sign_on.sessions import provider_of, was_asked_lately

#: Each try may call a company's provider.
LIMITS = {"single_sign_on": "30/m/ip"}


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sso_start(request):
    """Ask for the company, and lead to its provider."""
    if request.user.is_authenticated:
        return redirect("home")
    if limited := ratelimit.consume_or_429(
        request, app="users", action="single_sign_on", config=LIMITS
    ):
        return limited
    wanted = get_next_redirect_url(request)
    if request.method == "POST":
        form = CompanyForm(request.POST)
        if form.is_valid():
            return _lead(request, form.single_sign_on, next_url=wanted)
    else:
        form = CompanyForm(initial={"company": request.GET.get("company", "")})
    return render(request, "users/sso_start.html", {"form": form, "next": wanted})


@login_not_required
@require_safe
def sso_login(request, provider_id):
    """Fill in the company for people who come by a link that names it."""
    wanted = get_next_redirect_url(request)
    query = {"company": provider_id, **({"next": wanted} if wanted else {})}
    return redirect(reverse("sso_start", query=query))


@login_not_required
@never_cache
@require_safe
def sso_callback(request, provider_id):
    """Let in whoever the company's provider sends back."""
    single_sign_on = (
        SingleSignOn.objects.active().select_related("account").filter(slug=provider_id).first()
    )
    if single_sign_on is None:
        return _refuse(request, NotBegunHere("there is no such provider"))
    try:
        return complete_social_login(request, _provider(request, single_sign_on).arrive())
    except SignInRefused as refusal:
        record_refusal(request, single_sign_on, refusal)
        return _refuse(request, refusal)


@never_cache
@require_safe
def sso_again(request):
    """Let the company's provider ask once more who sits here, then go on with what was wanted."""
    now = timezone.now()
    if was_asked_lately(request, now=now.timestamp()):
        return resume_request(request) or redirect("home")
    single_sign_on = provider_of(request.user)
    if single_sign_on is None and request.user.has_usable_password():
        return redirect("account_reauthenticate")
    if single_sign_on is None:
        return render(request, "users/sso_gone.html", status=403)
    return _lead(request, single_sign_on, next_url=request.get_full_path(), again=True)


def _lead(request, single_sign_on, **wishes):
    """Show the page that leads on to the provider.

    It is a page, not a redirect: browsers hold a form to the sites that its page's
    Content-Security-Policy allows, redirects included.
    """
    try:
        address = _provider(request, single_sign_on).begin(now=timezone.now(), **wishes)
    except SignInRefused as refusal:
        record_refusal(request, single_sign_on, refusal)
        return _refuse(request, refusal)
    where = {"address": address, "host": urlsplit(address).hostname}
    return render(request, "users/sso_leave.html", where)


def _provider(request, single_sign_on) -> CompanyProvider:
    return get_adapter(request).get_provider(request, single_sign_on.slug)


def _refuse(request, refusal):
    return render(
        request, "users/sso_refused.html", {"words": refusal.words}, status=refusal.status
    )
