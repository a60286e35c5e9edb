"""My Profile: who one is, how one signs in, and the address by which."""

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor, actor_of
from users.forms.profile import EmailForm, ProfileForm
from users.models import EmailChange
from users.second_factor import factors_of, needs_factor
from users.services import email_change as changes
from users.services.addresses import AddressTaken
from users.services.email_change import End, NoSuchChange
from users.services.profile import LastRecipient, change_profile, may_decline_bills
from users.services.sign_ins import sign_ins_of
from users.throttling import TooManyTries

READ_AND_CHANGE = ["GET", "HEAD", "POST"]


@require_safe
def profile_view(request):
    """Show My Profile."""
    user, now = request.user, timezone.now()
    key = request.session.session_key
    return render(
        request,
        "users/profile_view.html",
        {
            "factors": list(factors_of(user)),
            "needs_factor": needs_factor(user),
            "sign_ins": sign_ins_of(user, current=key, now=now),
            "change": EmailChange.objects.filter(
                user=user, asked_at__gt=now - changes.LIFETIME
            ).first(),
            "may_receive_bills": user.account_id and user.has_perm("billing.receive_bill"),
            "may_decline_bills": may_decline_bills(user),
        },
    )


@require_http_methods(READ_AND_CHANGE)
def profile_edit(request):
    """Change one's name, time zone, and whether one gets the e-bill."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid() and _is_changed(request, form):
        messages.success(request, _("Your profile is updated."))
        return redirect("profile:profile_view")
    if form.errors:
        request.user.refresh_from_db()  # the form has written what was typed into it
    return render(request, "users/profile_edit.html", {"form": form})


def _is_changed(request, form):
    """Change the profile as the form says; or say in the form why not."""
    given = form.cleaned_data
    try:
        change_profile(
            request.user,
            name=given["name"],
            time_zone=given["time_zone"],
            receives_bills=given.get("receives_bills", True),
            by=actor_of(request),
            now=timezone.now(),
        )
    except LastRecipient:
        form.add_error(
            "receives_bills",
            _("Nobody else gets the bills of your account. Ask another to get them first."),
        )
        return False
    return True


@require_http_methods(READ_AND_CHANGE)
@reauthentication_required(app="users")
def email_change(request):
    """Ask to sign in by another address."""
    form = EmailForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid() and _is_asked(request, form):
        messages.success(request, _("We have written to both addresses. Please open both letters."))
        return redirect("profile:profile_view")
    return render(request, "users/profile_email.html", {"form": form})


def _is_asked(request, form):
    """Ask for the change as the form says; or say in the form why not."""
    new_email, by = form.cleaned_data["email"], actor_of(request)
    try:
        changes.ask_email_change(request.user, new_email=new_email, by=by, now=timezone.now())
    except TooManyTries:
        form.add_error(None, _("You have asked for many changes. Wait an hour, then try again."))
        return False
    return True


@require_POST
def email_cancel(request):
    """Give up one's own change of address."""
    change = EmailChange.objects.filter(user=request.user).first()
    if change is not None:
        changes.stop_email_change(change, by=actor_of(request), now=timezone.now())
        messages.success(request, _("Your address stays as it is."))
    return redirect("profile:profile_view")


@login_not_required
@never_cache
@require_http_methods(READ_AND_CHANGE)
def email_agree(request, token):
    """Ask one of the two addresses to agree; only the button does, as mail programs open links."""
    now = timezone.now()
    try:
        change, end = changes.change_behind(token, now=now)
        if request.method != "POST":
            return _ask_page(request, change, end, token)
        person = changes.agree(change, end, by=_reader_of(request, change, end), now=now)
    except NoSuchChange:
        return _gone(request)
    except AddressTaken:
        return _said(request, "taken", status=409)
    if person is None:
        return _said(request, "waits")
    if request.user == person:
        _stay_signed_in(request, person)
    return _said(request, "done", email=person.email)


@login_not_required
@require_POST
def email_stop(request, token):
    """Stop a change from either address."""
    now = timezone.now()
    try:
        change, end = changes.change_behind(token, now=now)
        by = _reader_of(request, change, end)
        changes.stop_email_change(change, by=by, now=now)
    except NoSuchChange:
        return _gone(request)
    return _said(request, "stopped")


def _reader_of(request, change, end):
    """Name who follows a link by their address, which it proves, unless they are the person.

    Whoever else has signed in here may be of another account, whose people the log does not name.
    """
    address = getattr(change, f"{end}_email")
    actor = actor_of(request, label=address)
    if request.user == change.user:
        return actor
    return Actor(label=address, from_address=actor.from_address)


def _ask_page(request, change, end, token):
    context = {"change": change, "is_old": end == End.OLD, "token": token}
    return render(request, "users/email_agree.html", context)


def _gone(request):
    return _said(request, "gone", status=410)


def _said(request, what, *, status=200, email=""):
    context = {"what": what, "email": email}
    return render(request, "users/email_agreed.html", context, status=status)


def _stay_signed_in(request, person):
    """Keep this browser signed in where all others are signed out."""
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    update_session_auth_hash(request, person)
    UserSession.objects.create_from_request(request)


@require_POST
def second_factor_later(request):
    """Put the start page's advice to set up a second factor away, until the next sign-in."""
    request.session["second_factor_later"] = True
    return redirect("home")
