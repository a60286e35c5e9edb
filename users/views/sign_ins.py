"""One's own sign-ins."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from users.services.sign_ins import end_sign_in, end_sign_ins, sign_ins_of


@require_safe
def sign_in_list(request):
    """List the browsers in which one is signed in."""
    current = request.session.session_key
    sign_ins = sign_ins_of(request.user, current=current, now=timezone.now())
    return render(request, "users/profile_sign_ins.html", {"sign_ins": sign_ins})


@require_POST
def sign_in_end(request, pk):
    """End one other sign-in of one's own."""
    sign_in = get_object_or_404(_others(request), pk=pk)
    end_sign_in(sign_in, by=actor_of(request), now=timezone.now())
    messages.success(request, _("That browser is signed out."))
    return redirect("profile:sign_in_list")


@require_POST
def sign_in_end_others(request):
    """End all other sign-ins of one's own."""
    count = end_sign_ins(_others(request), by=actor_of(request), now=timezone.now())
    messages.success(
        request,
        ngettext(
            "%(count)d other browser is signed out.",
            "%(count)d other browsers are signed out.",
            count,
        )
        % {"count": count},
    )
    return redirect("profile:sign_in_list")


def _others(request):
    own = UserSession.objects.filter(user=request.user).select_related("user__account")
    return own.exclude(session_key=request.session.session_key)
