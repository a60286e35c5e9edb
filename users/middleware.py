"""What every request of a signed-in person gets."""

import zoneinfo

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.second_factor import must_set_up
from users.services.sign_ins import note_seen

#: What stays open to whoever must set up a factor first.
SET_UP_PAGES = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_first_sign_in",
    "account_first_sign_in_code",
    "account_logout",
}
#: What opens to whoever has a temporary password.
FIRST_SIGN_IN = {"account_first_sign_in", "account_first_sign_in_code", "account_logout"}


class FirstSignInMiddleware:
    """Keeps who signed in by a temporary password from all but choosing their own.

    What everybody may open without signing in stays open. When the temporary password has expired,
    they are signed out.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if is_settling_in(request) and request.user.password_expires_at <= timezone.now():
            get_adapter().logout(request)
            messages.error(
                request,
                _("Your temporary password has expired. Choose one by “Forgot your password?”."),
            )
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        is_private = getattr(view, "login_required", True)
        is_elsewhere = request.resolver_match.view_name not in FIRST_SIGN_IN
        if is_settling_in(request) and is_private and is_elsewhere:
            return redirect("account_first_sign_in")
        return None


class SecondFactorMiddleware:
    """Opens only the pages that set up a factor, where the account wants one and there is none."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.resolver_match.view_name in SET_UP_PAGES or not must_set_up(request):
            return None
        return redirect("mfa_index")


class ReaderTimeZoneMiddleware:
    """Shows times in the reader's own zone, on every page they open."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            return self.get_response(request)


def is_settling_in(request):
    """Tell whether a person with a temporary password sits there, not staff who look as them."""
    is_themselves = getattr(request, "staff", None) is None
    return is_themselves and request.user.is_authenticated and request.user.must_choose_password


class LastSeenMiddleware:
    """Remembers when each sign-in was last used, for its owner's list."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and request.session.session_key:
            note_seen(
                request.session.session_key,
                seconds=request.session.get_expiry_age(),
                now=timezone.now(),
            )
        return self.get_response(request)
