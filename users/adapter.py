"""How allauth's pages behave here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.urls import reverse
from django.utils import timezone

from accounts.services import record
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
        record(
            "signed in",
            user,
            now=timezone.now(),
            actor=user,
            account=user.account,
            from_address=self.get_client_ip(request),
        )

    def authentication_failed(self, request, **credentials):
        """Write down whose sign-in was tried; the account's own log shows it where there is one."""
        email = credentials.get("email", "")
        user = User.objects.select_related("account").filter(email=email.lower()).first()
        record(
            "failed to sign in",
            user or "no user",
            now=timezone.now(),
            actor_label=email or "nobody",
            account=user.account if user else None,
            from_address=self.get_client_ip(request),
        )
