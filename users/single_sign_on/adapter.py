"""How allauth's social sign-in behaves here: through companies' providers, never signing up."""

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.http import HttpResponseRedirect
from django.utils import timezone

from accounts.actors import actor_of
from accounts.services.audit import record
from users.models import SingleSignOn
from users.single_sign_on.entering import admit
from users.single_sign_on.provider import CompanyProvider
from users.single_sign_on.refusals import NotBegunHere, SignInRefused, SomebodyElse
from users.single_sign_on.sessions import note_proof


class SocialAdapter(DefaultSocialAccountAdapter):
    """Reads the providers from the staff's rows, and lets in whom these vouch for."""

    def list_apps(self, request, provider=None, client_id=None):
        """Return allauth's view of the active row named `provider`; there is no list of all."""
        named = SingleSignOn.objects.active().filter(slug=provider or "")
        return [app_of(single_sign_on) for single_sign_on in named]

    def get_provider(self, request, provider, client_id=None):
        return CompanyProvider(request, app=self.get_app(request, provider=provider))

    def is_open_for_signup(self, request, sociallogin):
        return False

    def pre_social_login(self, request, sociallogin):
        """Put the person of the account in the place of the stranger. Raises SignInRefused."""
        single_sign_on = sociallogin.provider.single_sign_on
        person = admit(
            single_sign_on,
            sociallogin,
            from_address=get_account_adapter().get_client_ip(request),
            now=timezone.now(),
        )
        sociallogin.user = person
        if sociallogin.state["again"]:
            if request.user != person:
                raise SomebodyElse(f"came back as {person}")
            note_proof(request, sociallogin.account)
            raise ImmediateHttpResponse(HttpResponseRedirect(sociallogin.state["next"]))


def app_of(single_sign_on):
    """Show `single_sign_on` to allauth as it knows applications; such a row is never stored."""
    app = SocialApp(
        provider=CompanyProvider.id,
        provider_id=single_sign_on.slug,
        name=single_sign_on.slug[:40],
        client_id=single_sign_on.client_id,
        settings={"verified_email": single_sign_on.trusts_emails},
    )
    app.single_sign_on = single_sign_on
    return app


def record_refusal(request, single_sign_on, refusal: SignInRefused):
    """Write to the account's log that somebody was not let in, and why.

    What no sign-in of ours began is noise that any stranger can make, so it is left out.
    """
    if isinstance(refusal, NotBegunHere):
        return
    record(
        "failed to sign in through single sign-on",
        single_sign_on,
        by=actor_of(request, label=f"somebody of {single_sign_on.slug}"),
        now=timezone.now(),
        account=single_sign_on.account,
        after={"why": str(refusal).replace("\0", "")[:500]},
    )
