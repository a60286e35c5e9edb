"""Letters about getting in: the link to choose a password by, and the notice that it was done."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from accounts.letters import NoLongerWanted, from_template, writes
from accounts.models import Letter
from users.links import password_link
from users.models import User
from users.single_sign_on.sessions import is_required_of, way_in_of


@writes("password_link")
def password_link_letter(letter: Letter) -> EmailMultiAlternatives:
    """Write to whoever has the address how to choose a password there. Raises NoLongerWanted."""
    person = User.objects.signing_in_by(letter.email).first()
    if person is None:
        return _invitations(letter)
    if not person.is_active:
        raise NoLongerWanted("Whoever signs in by this address is disabled.")
    if is_required_of(person):
        return through_company(letter, person)
    return from_template(
        letter, "users/mail/password_link.txt", {"person": person, "link": password_link(person)}
    )


@writes("password_changed")
def password_changed(letter: Letter) -> EmailMultiAlternatives:
    """Write to somebody that their password is a new one."""
    return from_template(letter, "users/mail/password_changed.txt")


def through_company(letter: Letter, person: User) -> EmailMultiAlternatives:
    """Write to one who has no use for a password that their company signs them in."""
    way_in = settings.PORTAL_URL + way_in_of(person)
    return from_template(
        letter, "users/mail/through_company.txt", {"person": person, "link": way_in}
    )


def _invitations(letter: Letter) -> EmailMultiAlternatives:
    """Write to one who never signed in what they may accept, the newest first."""
    invited = User.objects.invited_by(letter.email).filter(is_active=True)
    invitations = [
        {"person": person, "link": password_link(person)}
        for person in invited.select_related("account").order_by("-added_at", "-pk")
    ]
    if not invitations:
        raise NoLongerWanted("Nobody signs in by this address.")
    return from_template(letter, "users/mail/invitations.txt", {"invitations": invitations})
