"""Adding people, looking at one, and what is done about them with one button."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import actor_of
from accounts.paging import page_of
from users import wording
from users.forms.people import NewPersonForm
from users.menu import menu_of
from users.models import PersonState, User
from users.services import people
from users.services.locks import LastAdmin, PersonRemoved
from users.throttling import TooManyTries


@require_http_methods(["GET", "HEAD", "POST"])
def user_add(request):
    """Ask who is to be added, invite them, and go on to their rights."""
    if not request.user.has_perm("users.add_user"):
        raise PermissionDenied
    account = request.user.account
    form = NewPersonForm(request.POST or None, initial={"time_zone": account.time_zone})
    if request.method == "POST" and form.is_valid():
        try:
            person = people.add_user(
                account, **form.cleaned_data, by=actor_of(request), now=timezone.now()
            )
        except people.AlreadyOnAccount:
            form.add_error("email", _("Somebody with this e-mail is in your user list already."))
        except TooManyTries:
            form.add_error("email", invited_too_often())
        else:
            messages.success(
                request,
                _("%(name)s is added. An invitation goes to %(email)s.")
                % {"name": person.name, "email": person.email},
            )
            return redirect("users:rights_edit", person.pk)
    return render(request, "users/user_add.html", {"form": form, "account": account})


@require_safe
def user_view(request, pk):
    """Show how somebody stands, and what they see when they sign in."""
    person = person_to_change(request, pk)
    conferences = page_of(request, person.account.conferences.visible_to(person))
    for conference in conferences:
        conference.words = wording.conference_words(person.role, person.rights_on(conference))
    return render(
        request,
        "users/user_view.html",
        {
            "person": person,
            "menu_entries": menu_of(person),
            "may_on_the_account": wording.account_words(person.role),
            "conferences": conferences,
            "is_invited": person.state == PersonState.INVITED,
            "is_oneself": person == request.user,
        },
    )


@require_POST
def user_disable(request, pk):
    done = _("%(name)s is disabled and signed out everywhere.")
    return _act(request, pk, people.disable_user, done=done)


@require_POST
def user_enable(request, pk):
    return _act(request, pk, people.enable_user, done=_("%(name)s can sign in again."))


@require_POST
def user_end_sign_ins(request, pk):
    return _act(request, pk, people.end_sign_ins, done=_("%(name)s is signed out everywhere."))


@require_POST
def user_invite(request, pk):
    done = _("A new invitation goes to %(email)s.")
    return _act(request, pk, people.invite_again, done=done)


@require_http_methods(["GET", "HEAD", "POST"])
def user_remove(request, pk):
    """Say what removing somebody means; do it once that is agreed to."""
    if request.method != "POST":
        person = person_to_change(request, pk)
        return render(request, "users/user_remove.html", {"person": person})
    done = _("%(name)s is removed.")
    return _act(request, pk, people.remove_user, done=done, to="accounts:account_view")


def person_to_change(request, pk):
    """Return the person of the reader's own account whom they may change: 404 or 403 if not."""
    visible = User.objects.visible_to(request.user).select_related("account")
    person = get_object_or_404(visible.with_second_factor(), pk=pk)
    if not request.user.has_perm("users.change_user"):
        raise PermissionDenied
    return person


def only_admin(person):
    """Say why the account's last Admin stays it."""
    return _(
        "%(name)s is the last active Customer Admin of this account. Make somebody else Customer"
        " Admin first."
    ) % {"name": person.name}


def invited_too_often():
    return _("This address was invited many times today. Invite it again tomorrow.")


def _act(request, pk, service, *, done, to=None):
    """Let `service` change the person, say how it went, and go to their page or to `to`."""
    person = person_to_change(request, pk)
    to_person = redirect("users:user_view", person.pk)
    try:
        service(person, by=actor_of(request), now=timezone.now())
    except PersonRemoved:
        raise Http404 from None
    except LastAdmin:
        messages.error(request, only_admin(person))
        return to_person
    except people.NotInvited:
        messages.error(
            request, _("%(name)s has accepted already, or is disabled.") % {"name": person.name}
        )
        return to_person
    except TooManyTries:
        messages.error(request, invited_too_often())
        return to_person
    messages.success(request, done % {"name": person.name, "email": person.email})
    return redirect(to) if to else to_person
