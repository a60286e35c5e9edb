"""Second factors: allauth's pages, each change noted in its own transaction, and our overview."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import (
    DownloadRecoveryCodesView,
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import actor_of
from accounts.services.audit import record
from users.second_factor import factors_of, is_last_required, must_set_up
from users.services import second_factor as services
from users.services.locks import hold_person


@require_safe
def second_factor_view(request):
    """Show which factors one has, with the ways to add and remove them."""
    factors = list(factors_of(request.user))
    codes = Authenticator.objects.filter(
        user=request.user, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return render(
        request,
        "mfa/index.html",
        {
            "app": next((one for one in factors if one.type == Authenticator.Type.TOTP), None),
            "passkeys": [one for one in factors if one.type == Authenticator.Type.WEBAUTHN],
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
            "is_waited_for": must_set_up(request),
        },
    )


class SignInByFactor(AuthenticateView):
    """The second step of signing in; a wrong code goes into the audit log."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        types = set(factors_of(self.stage.login.user).values_list("type", flat=True))
        return {
            **context,
            "has_app": Authenticator.Type.TOTP in types,
            "has_passkey": Authenticator.Type.WEBAUTHN in types,
        }

    def form_invalid(self, form):
        user = self.stage.login.user
        record(
            "failed to sign in",
            user,
            by=actor_of(self.request, label=user.email),
            now=timezone.now(),
            account=user.account,
            after={"second_factor": "not accepted"},
        )
        return super().form_invalid(form)


class AppAdd(ActivateTOTPView):
    """Setting up an authenticator app; one has one at most."""

    def dispatch(self, request, *args, **kwargs):
        if _app_of(request.user):
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)

    @transaction.atomic
    def form_valid(self, form):
        hold_person(self.request.user.pk)  # two tabs add factors one after the other
        if _app_of(self.request.user):
            return redirect("mfa_index")
        response = super().form_valid(form)
        _note_added(self.request, _app_of(self.request.user))
        return response


class PasskeyAdd(AddWebAuthnView):
    """Adding a passkey, with what the browser needs to make one."""

    @transaction.atomic
    def form_valid(self, form):
        hold_person(self.request.user.pk)  # two tabs add factors one after the other
        response = super().form_valid(form)
        _note_added(self.request, factors_of(self.request.user).last())
        return response


class CodesView(ViewRecoveryCodesView):
    """The recovery codes that still work."""

    def get(self, request, *args, **kwargs):
        response = super().get(request, *args, **kwargs)
        _note_seen(request)
        return response


class CodesDownload(DownloadRecoveryCodesView):
    """The recovery codes that still work, as a file."""

    def get(self, request, *args, **kwargs):
        response = super().get(request, *args, **kwargs)
        _note_seen(request)
        return response


class CodesMake(GenerateRecoveryCodesView):
    """New recovery codes in place of all old ones."""

    @transaction.atomic
    def form_valid(self, form):
        response = super().form_valid(form)
        user = self.request.user
        services.note_new_codes(user, by=actor_of(self.request), now=timezone.now())
        messages.success(self.request, _("The old codes no longer work. These are the new ones."))
        return response


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="allauth.mfa")
def factor_remove(request, pk):
    """Ask whether a factor is to be removed, and remove it."""
    factor = get_object_or_404(factors_of(request.user), pk=pk)
    if request.method == "POST":
        try:
            services.remove_factor(factor, by=actor_of(request), now=timezone.now())
        except services.LastRequiredFactor:
            messages.error(request, _("Your account requires a second factor. Add another first."))
        else:
            messages.success(request, _("The second factor was removed."))
        return redirect("mfa_index")
    context = {"factor": factor, "is_last_required": is_last_required(factor)}
    return render(request, "mfa/factor_remove.html", context)


@require_POST
def second_factor_require(request):
    """Want a second factor of everybody on the account, or of nobody any more."""
    if not request.user.has_perm("accounts.change_account"):
        raise PermissionDenied
    raise_if_reauthentication_required(request, app="users")
    is_required = request.POST.get("is_required") == "yes"
    try:
        services.require_second_factor(
            request.user.account, is_required=is_required, by=actor_of(request), now=timezone.now()
        )
    except services.OwnFactorMissing:
        messages.error(request, _("Set up your own second factor first; then require it of all."))
        return redirect("mfa_index")
    if is_required:
        messages.success(request, _("Everybody on the account now needs a second factor."))
    else:
        messages.success(request, _("A second factor is now up to each person."))
    return redirect("accounts:account_view")


def _app_of(user):
    return factors_of(user).filter(type=Authenticator.Type.TOTP).first()


def _note_added(request, factor):
    services.note_factor_added(factor, by=actor_of(request), now=timezone.now())


def _note_seen(request):
    codes = Authenticator.objects.get(user=request.user, type=Authenticator.Type.RECOVERY_CODES)
    services.note_codes_seen(codes, by=actor_of(request), now=timezone.now())
