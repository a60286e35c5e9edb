"""Why somebody does not come in through their company: a sentence for them, and one for the log."""

from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class SignInRefused(Exception):
    """Nobody is signed in. Its text is for the log; `words` are for whoever stands at the door."""

    status: HTTPStatus = HTTPStatus.FORBIDDEN
    words: str | Promise = _(
        "Your company's sign-in works, but nobody has added you here. Ask your Customer Admin."
    )


class NotBegunHere(SignInRefused):
    """The answer of a provider belongs to no sign-in that this browser began."""

    status = HTTPStatus.BAD_REQUEST
    words = _("This sign-in was not begun here, or it took too long. Please begin again.")


class TurnedBack(SignInRefused):
    """The provider, or the person there, said no."""

    words = _("You came back from your company without being signed in.")


class ProviderTrouble(SignInRefused):
    """The provider cannot be reached, or is not set up as it must be."""

    status = HTTPStatus.BAD_GATEWAY
    words = _(
        "Your company's sign-in does not answer as it should. Try again in a few minutes;"
        " if it lasts, tell the people who run it."
    )


class AnswerNotTrusted(ProviderTrouble):
    """The provider's answer is not from it, not for us, or not for this sign-in."""

    words = _(
        "Your company's sign-in gave an answer that we cannot trust, so nobody was signed in."
        " Please begin again; if it lasts, tell the people who run it."
    )


class NobodyOfTheAccount(SignInRefused):
    """Nobody of the account is meant."""


class KnownByAnotherName(SignInRefused):
    """Somebody with that address comes in already, but the provider knows them by another name."""

    words = _(
        "Somebody of your company has signed in here with your e-mail address before you."
        " Ask your Customer Admin."
    )


class EmailNotVouchedFor(SignInRefused):
    """The provider does not say that the address is verified, or it is of a foreign domain."""

    words = _(
        "Your company's sign-in works, but it does not vouch for your e-mail address."
        " Ask your Customer Admin."
    )


class PersonDisabled(SignInRefused):
    """The person was disabled."""

    words = _("Your sign-in here has been disabled. Ask your Customer Admin.")


class SomebodyElse(SignInRefused):
    """Asked again who they are, they came back as another."""

    words = _("You signed in at your company as somebody else. You stay who you were here.")


class NotAskedAgain(SignInRefused):
    """The provider does not say that it has asked the person just now who they are."""

    words = _(
        "Your company's sign-in did not say that it asked you again who you are."
        " The people who run it can let it send the time of signing in (auth_time)."
    )
