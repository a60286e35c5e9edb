"""Who comes in: which person of the account the company's provider means."""

import datetime as dt

from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record
from users.models import SingleSignOn, User
from users.services.addresses import AddressTaken, claiming
from users.single_sign_on.refusals import (
    EmailNotVouchedFor,
    KnownByAnotherName,
    NobodyOfTheAccount,
    PersonDisabled,
)


@transaction.atomic
def admit(
    single_sign_on: SingleSignOn, login: SocialLogin, *, from_address: str, now: dt.datetime
) -> User:
    """Return the person that the provider means, from now on known by its name for them.

    Whoever was met before is known by that alone, whatever their address is now. Others are known
    by an address that the company vouches for: such a person was only invited, perhaps, and is
    confirmed by that.

    Raises NobodyOfTheAccount, EmailNotVouchedFor, KnownByAnotherName, PersonDisabled.
    """
    link = _link_of(login.account)
    person = link.user if link else _addressed(single_sign_on, login)
    if person.account_id != single_sign_on.account_id:
        raise NobodyOfTheAccount(f"{person} is of another account")
    if not person.is_active:
        raise PersonDisabled(f"{person} is disabled")
    by = Actor(user=person, from_address=from_address)
    if link is None:
        login.account = _linked(login.account, person, by=by, now=now)
    _take_as_proved(person, by=by, now=now)
    return person


def _link_of(account: SocialAccount) -> SocialAccount | None:
    """Return how we know this name at the provider; who was removed is known no longer."""
    links = SocialAccount.objects.select_related("user").filter(user__removed_at=None)
    return links.filter(provider=account.provider, uid=account.uid).first()


def _addressed(single_sign_on: SingleSignOn, login: SocialLogin) -> User:
    """Return whom the address means that the company vouches for."""
    emails = [
        address.email
        for address in login.email_addresses
        if address.verified and single_sign_on.vouches_for(address.email)
    ]
    if not emails:
        raise EmailNotVouchedFor("the provider vouches for no address of the company's domains")
    people = single_sign_on.account.users.select_for_update(no_key=True)
    person = people.signing_in_by(emails[0]).first() or people.invited_by(emails[0]).first()
    if person is None:
        raise NobodyOfTheAccount(f"nobody has added {emails[0]}")
    here = {"provider": login.account.provider, "extra_data__iss": single_sign_on.issuer}
    if SocialAccount.objects.filter(user=person, **here).exists():
        raise KnownByAnotherName(f"{emails[0]} is known by another name at the provider")
    return person


def _linked(account: SocialAccount, person: User, *, by: Actor, now: dt.datetime) -> SocialAccount:
    """Know `person` by their name at the provider, which nobody removed keeps."""
    link, _ = SocialAccount.objects.update_or_create(
        provider=account.provider,
        uid=account.uid,
        defaults={"user": person, "extra_data": account.extra_data},
    )
    record("linked to single sign-on", person, by=by, now=now, account=person.account)
    return link


def _take_as_proved(person: User, *, by: Actor, now: dt.datetime) -> None:
    """Take the address of an invited person as proved, and end a password that others know."""
    was_invited = person.email_confirmed_at is None
    if was_invited:
        person.email_confirmed_at = now
    if person.must_choose_password:
        person.set_unusable_password()
        person.password_expires_at = None
    elif not was_invited:
        return
    try:
        with claiming(person.email):
            person.save(update_fields=["email_confirmed_at", "password", "password_expires_at"])
    except AddressTaken as error:
        raise NobodyOfTheAccount(f"{person.email} cannot be confirmed") from error
    if was_invited:
        record("confirmed the e-mail of", person, by=by, now=now, account=person.account)
