"""How allauth's pages behave here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.urls import reverse
from django.utils import timezone

from accounts.actors import actor_of
from accounts.services.audit import record
from users.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves; staff land in the back office; sign-ins are written down."""

    def is_open_for_signup(self, request):
        return False

    def get_login_redirect_url(self, request):
        if request.user.is_staff:
            return reverse("admin:index")
        return super().get_login_redirect_url(request)

    def login(self, request, user):
        super().login(request, user)
        record("signed in", user, by=actor_of(request), now=timezone.now(), account=user.account)

    def authentication_failed(self, request, **credentials):
        """Write down whose sign-in was tried; the account's own log shows it where there is one."""
        email = credentials.get("email", "")
        user = User.objects.signing_in_by(email).select_related("account").first()
        record(
            "failed to sign in",
            user or "no user",
            by=actor_of(request, label=email.lower() or "nobody"),
            now=timezone.now(),
            account=user.account if user else None,
        )
