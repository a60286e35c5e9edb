"""What people are written about their own sign-in: factors, and the address they sign in by."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.letters import NoLongerWanted, from_template, writes
from users.models import EmailChange, User
from users.services.email_change import End, token_of

#: What happened to a second factor, as subject and as sentence, by the verb of the audit log.
FACTOR_NEWS = {
    "added a second factor": (
        _("A second factor was added"),
        _("A second factor was added to your sign-in"),
    ),
    "removed a second factor": (
        _("A second factor was removed"),
        _("A second factor was removed from your sign-in"),
    ),
    "made new recovery codes": (
        _("You have new recovery codes"),
        _("New recovery codes were made for your sign-in; the old ones no longer work"),
    ),
    "looked at the recovery codes": (
        _("Your recovery codes were shown"),
        _("Somebody signed in as you looked at your recovery codes"),
    ),
}


@writes("second_factor_changed")
def second_factor_changed(letter):
    """Tell a person what happened to their second factors."""
    subject, sentence = FACTOR_NEWS[letter.facts["verb"]]
    return from_template(
        letter,
        "users/mail/second_factor_changed.txt",
        {"subject": subject, "sentence": sentence, "link": _page("mfa_index")},
    )


@writes("second_factor_required")
def second_factor_required(letter):
    """Tell a person that their account wants a second factor, or no longer does."""
    if letter.account.requires_second_factor != letter.facts["is_required"]:
        raise NoLongerWanted("It was changed again.")
    return from_template(
        letter, "users/mail/second_factor_required.txt", {"link": _page("mfa_index")}
    )


@writes("email_change_old")
def email_change_old(letter):
    """Ask the address so far whether the person may sign in by another."""
    return _asking(letter, End.OLD, "users/mail/email_change_old.txt")


@writes("email_change_new")
def email_change_new(letter):
    """Ask the new address whether it is the person's; or tell its owner that somebody tried it."""
    if User.objects.signing_in_by(letter.email).exists():
        return from_template(letter, "users/mail/email_change_taken.txt")
    return _asking(letter, End.NEW, "users/mail/email_change_new.txt")


@writes("email_changed")
def email_changed(letter):
    """Tell the old address that it no longer signs anybody in."""
    return from_template(letter, "users/mail/email_changed.txt")


def _asking(letter, end, template):
    change = EmailChange.objects.filter(pk=letter.facts["change"]).first()
    if change is None:
        raise NoLongerWanted("The change was stopped, replaced or made.")
    link = _page("profile:email_agree", token_of(change, end))
    return from_template(letter, template, {"link": link})


def _page(name, *arguments):
    return settings.PORTAL_URL + reverse(name, args=arguments)
