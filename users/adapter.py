"""How allauth's pages behave here."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor, OnlyInPerson, actor_of
from accounts.services.audit import record
from users.models import User
from users.services import signing_in
from users.single_sign_on import sessions
from users.throttling import (
    TooManyTries,
    count_sign_in,
    forgive,
    remember_browser,
    wait_in_words,
)

#: In the session between the steps of signing in: what the person's sign-ins went by at the first.
BEGUN_WITH = "sign_in_begun_with"
SECOND_FACTOR_STAGE = "users.single_sign_on.stages.SecondFactorStage"


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves; staff land in the back office; sign-ins are written down."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "The e-mail address and the password are not correct together."
        ),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
    }

    def is_open_for_signup(self, request):
        return False

    def get_login_redirect_url(self, request):
        if request.user.is_staff:
            return reverse("admin:index")
        return super().get_login_redirect_url(request)

    def get_login_stages(self):
        """Put our stage in the place of allauth's that asks for the second factor."""
        ours = {"allauth.mfa.stages.AuthenticateStage": SECOND_FACTOR_STAGE}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def authenticate(self, request, **credentials):
        """Look at the password only where there were not too many tries; count those that fail."""
        now = timezone.now()
        email = credentials["email"]
        person = User.objects.signing_in_by(email).first()
        try:
            counters = count_sign_in(request, email, person, now=now)
        except TooManyTries as refusal:
            if refusal.is_first:
                self._record_failure("was refused after too many tries", email, now=now)
            raise ValidationError(wait_in_words(refusal, now=now), code="too_many_tries") from None
        user = super().authenticate(request, **credentials)
        if user is not None:
            forgive(counters)
        return user

    def pre_login(self, request, user, **circumstances):
        """Keep out whoever must come in through their company; the password was right."""
        response = super().pre_login(request, user, **circumstances)
        if response or not sessions.must_come_through_provider(request, user):
            request.session[BEGUN_WITH] = user.get_session_auth_hash()
            return response
        record(
            "failed to sign in",
            user,
            by=actor_of(request, label=user.email),
            now=timezone.now(),
            account=user.account,
            after={"why": "single sign-on is required"},
        )
        messages.error(request, _("Your company wants you to sign in through it."))
        return redirect(sessions.way_in_of(user))

    def is_reauthentication_required(self, *, app, **circumstances):
        """Answer as allauth does, but for two kinds of people whom it would let through.

        Staff who look as a customer cannot prove to be it; who has no password, only their company
        can ask.
        """
        if getattr(self.request, "staff", None) is not None:
            raise OnlyInPerson
        sessions.require_proof_of_those_without_password(
            self.request, now=timezone.now().timestamp()
        )
        return super().is_reauthentication_required(app=app, **circumstances)

    def get_reauthentication_methods(self, user):
        own = super().get_reauthentication_methods(user)
        return sessions.ways_to_prove(user, own) if user.is_authenticated else own

    def authentication_failed(self, request, **credentials):
        self._record_failure("failed to sign in", credentials["email"], now=timezone.now())

    def reauthenticate(self, user, password):
        """Ask for the password again, of one who has signed in: no stranger gets to this limit."""
        is_right = user.check_password(password)
        if not is_right:
            self._record("failed to confirm who they are", user)
        return is_right

    def login(self, request, user):
        """Sign in whoever has done all steps, unless their sign-ins were ended between two."""
        begun_with = request.session.pop(BEGUN_WITH, None)
        if begun_with != user.get_session_auth_hash() or not user.is_active:
            messages.error(request, _("Your sign-in was changed meanwhile. Please begin again."))
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)
        self._record("signed in", user, after=sessions.how_signed_in(request, user))

    def post_login(self, request, user, **how):
        """Know the browser from now on: all steps of signing in are done."""
        response = super().post_login(request, user, **how)
        if user.email_confirmed_at is not None:
            remember_browser(request, response, user)
        return response

    def logout(self, request):
        self._record("signed out", request.user)
        super().logout(request)

    def send_password_link(self, email):
        signing_in.ask_for_password_link(email, now=timezone.now())

    def set_password(self, user, password):
        """Keep the password that `user` chose, by the link in a letter or knowing the old one.

        Raises what choose_password raises.
        """
        signed_in = self.request.user.is_authenticated
        address = self.get_client_ip(self.request)
        by = actor_of(self.request) if signed_in else Actor(user=user, from_address=address)
        signing_in.choose_password(user, password=password, by=by, now=timezone.now())

    def _record(self, verb, user, **circumstances):
        by = actor_of(self.request)
        record(verb, user, by=by, now=timezone.now(), account=user.account, **circumstances)

    def _record_failure(self, verb, email, *, now):
        """Write down whose sign-in was tried; their account's own log shows it.

        The log of an account that only invited the address does not: it would tell whether that
        address signs in elsewhere.
        """
        person = User.objects.signing_in_by(email).select_related("account").first()
        record(
            verb,
            person or "no user",
            by=actor_of(self.request, label=email.lower()),
            now=now,
            account=person.account if person else None,
        )
