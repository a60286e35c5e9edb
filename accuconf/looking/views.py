"""Starting, stopping, and asking for more."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import Actor, actor_of
from accuconf.looking import look
from accuconf.looking.forms import AllowForm
from accuconf.looking.refusals import own_path
from users.models import User


def while_looking(view):
    """Open `view` only to staff who look; for customers it does not exist."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.looking is not None:
            return view(request, *args, **kwargs)
        if not request.user.is_staff:
            raise Http404
        return redirect("admin:index")

    return guarded


@require_POST
def look_start(request, pk):
    """Let the reader, of the staff, see what a customer's person sees."""
    if not look.may_look(request.user):
        raise PermissionDenied
    person = get_object_or_404(User, pk=pk, account__isnull=False, removed_at=None)
    if not look.people_to_look_as().filter(pk=pk).exists():
        messages.error(request, _("%(name)s is disabled and can open no page.") % {"name": person})
        return redirect("admin:users_user_change", pk)
    now = timezone.now()
    if request.looking is not None:
        look.stop_look(request.session, request.looking, by=actor_of(request), now=now)
    look.start_look(request.session, person, by=actor_of(request), now=now)
    return redirect("home")


@while_looking
@require_http_methods(["GET", "HEAD", "POST"])
def look_allow(request):
    """Ask why things are to be changed in the person's place, then allow it for a while."""
    asked = AllowForm(request.POST or None, initial={"next": own_path(request.GET.get("next", ""))})
    if not asked.is_valid():
        return render(request, "looking/allow.html", {"form": asked, "is_refused": False})
    reason = asked.cleaned_data["reason"]
    by, now = _themselves(request), timezone.now()
    look.allow_changes(request.session, request.looking, reason=reason, by=by, now=now)
    messages.success(request, _("You can change things now. What was refused before was not done."))
    return redirect(own_path(asked.cleaned_data["next"]))


@while_looking
@require_POST
def look_stop(request):
    """Go back to the person's page in the back office."""
    person = request.looking.person
    by, now = _themselves(request), timezone.now()
    look.stop_look(request.session, request.looking, by=by, now=now)
    return redirect("admin:users_user_change", person.pk)


def _themselves(request):
    """Return the one who looks, in their own name: to look is not the customer's doing."""
    return Actor(user=request.staff, from_address=actor_of(request).from_address)
