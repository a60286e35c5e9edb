"""Signing in step by step: what is left out for those who come through their company."""

from allauth.mfa.stages import AuthenticateStage

from users.single_sign_on.sessions import came_through_provider


class SecondFactorStage(AuthenticateStage):
    """Asks for the second factor, unless the company's provider is in charge of that."""

    def handle(self):
        if came_through_provider(self.request, self.login.user):
            return None, True
        return super().handle()
