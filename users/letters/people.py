"""Invitations, and notices of what an Admin did about somebody."""

from django.core.mail import EmailMultiAlternatives

from accounts.letters import (
    NoLongerWanted,
    from_template,
    refuse_others_than_admins,
    writes,
)
from accounts.models import Letter
from users.codes import proof_code
from users.letters.signing_in import through_company
from users.links import password_link
from users.models import PersonState, User
from users.single_sign_on.sessions import is_required_of


@writes("invitation")
def invitation(letter: Letter) -> EmailMultiAlternatives:
    """Write how to accept: by a link to choose a password, or a code beside the Admin's password.

    Where the address meanwhile signs in somebody else, say that instead: only here, to whoever
    reads the mail of that address, may it be told. Raises NoLongerWanted.
    """
    person = letter.user
    if person.state != PersonState.INVITED:
        raise NoLongerWanted("The invitation was accepted or taken back.")
    by = {"by": letter.facts.get("by", letter.account.name)}
    if User.objects.signing_in_by(person.email).exists():
        return from_template(letter, "users/mail/address_in_use.txt", by)
    if is_required_of(person):
        return through_company(letter, person)
    if person.must_choose_password:
        code = {"code": proof_code(person)}
        return from_template(letter, "users/mail/invitation_with_code.txt", by | code)
    link = {"link": password_link(person)}
    return from_template(letter, "users/mail/invitation.txt", by | link)


@writes("notice_to_person")
def notice_to_person(letter: Letter) -> EmailMultiAlternatives:
    """Write to somebody that their role or rights changed, or that they are kept out."""
    return from_template(letter, "users/mail/notice_to_person.txt")


@writes("notice_to_admin")
def notice_to_admin(letter: Letter) -> EmailMultiAlternatives:
    """Write to an Admin that somebody was added, removed or made Admin. Raises NoLongerWanted."""
    refuse_others_than_admins(letter)
    return from_template(letter, "users/mail/notice_to_admin.txt")
