"""Getting in by a link, and the first sign-in by a temporary password."""

from allauth.account import views as allauth_views
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of
from users.forms.signing_in import FirstSignInForm
from users.services.addresses import AddressTaken
from users.services.signing_in import (
    AlreadyChosen,
    SamePassword,
    WrongCode,
    send_code_again,
    settle_in,
)
from users.throttling import TooManyTries, remember_browser, wait_in_words

#: Which field each refusal of a choice is said beside, and what to do about it.
REFUSALS = {
    WrongCode: ("code", _("This is not the code in your invitation. The newest letter counts.")),
    SamePassword: (
        "password1",
        _("Choose another one: whoever gave you the temporary password knows it."),
    ),
    AddressTaken: (
        None,
        _(
            "Your e-mail address signs in on another account already, so it cannot on this one too."
            " Ask the person who added you to use another address of yours."
        ),
    ),
    AlreadyChosen: (None, _("Your password was changed a moment ago, perhaps in another window.")),
}


class PasswordChangeView(allauth_views.PasswordChangeView):
    """A new password by whoever knows the current one."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except AlreadyChosen as refusal:
            return self.form_invalid(refused(form, refusal))


class PasswordSetView(allauth_views.PasswordSetView):
    """A first password for one who has none.

    It is typed after the proof of who they are: one that came with it would wait in the session.
    """

    def dispatch(self, request, *args, **kwargs):
        try:
            raise_if_reauthentication_required(request, app="users")
        except ReauthenticationRequired:
            if request.method != "POST":
                raise
            return redirect(request.path)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except AlreadyChosen as refusal:
            return self.form_invalid(refused(form, refusal))


class PasswordFromLinkView(allauth_views.PasswordResetFromKeyView):
    """A password by the link in a letter: a new one, or the first that an invited person chooses.

    From then on the browser is known, so that its owner gets in whatever strangers tried.
    """

    def get_context_data(self, **kwargs):
        person = self.reset_user
        is_invited = person is not None and person.email_confirmed_at is None
        return super().get_context_data(person=person, is_invited=is_invited, **kwargs)

    def form_valid(self, form):
        try:
            response = super().form_valid(form)
        except AlreadyChosen:
            return redirect(self.request.path)  # which says that the link no longer works
        except (AddressTaken, SamePassword) as refusal:
            return self.form_invalid(refused(form, refusal))
        remember_browser(self.request, response, self.reset_user)
        return response


@sensitive_post_parameters("code", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def first_sign_in(request):
    """Let one with a temporary password choose their own: all that they may do."""
    if not request.user.must_choose_password:
        return redirect("home")
    form = FirstSignInForm(data=request.POST or None, user=request.user)
    if form.is_valid() and _has_settled_in(request, form):
        response = redirect("home")
        update_session_auth_hash(request, request.user)
        remember_browser(request, response, request.user)
        messages.success(request, _("Welcome. From now on you sign in with your own password."))
        return response
    return render(request, "users/first_sign_in.html", {"form": form})


@require_POST
def first_sign_in_code(request):
    """Send the invitation with the code once more."""
    if not request.user.must_choose_password or request.user.email_confirmed_at:
        return redirect("home")
    now = timezone.now()
    try:
        send_code_again(request.user, by=actor_of(request), now=now)
    except TooManyTries:
        messages.error(request, _("We have sent it several times. Wait a quarter of an hour."))
    else:
        messages.success(
            request,
            _("The letter with the code is on its way to %(email)s.")
            % {"email": request.user.email},
        )
    return redirect("account_first_sign_in")


def refused(form, refusal):
    """Return `form` with why the choice was refused, beside the field it is about."""
    form.add_error(*REFUSALS[type(refusal)])
    return form


def _has_settled_in(request, form):
    now = timezone.now()
    try:
        settle_in(
            request.user,
            code=form.cleaned_data.get("code", ""),
            password=form.cleaned_data["password1"],
            by=actor_of(request),
            now=now,
        )
    except TooManyTries as refusal:
        form.add_error("code", wait_in_words(refusal, now=now))
    except tuple(REFUSALS) as refusal:
        refused(form, refusal)
    return form.is_valid()
