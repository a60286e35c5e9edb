"""What follows when staff change how an account's people sign in."""

from allauth.socialaccount.models import SocialAccount

from users.models import SingleSignOn
from users.services.sign_ins import end_all_sign_ins


def end_doubtful_sign_ins(single_sign_on: SingleSignOn, changed: list[str]) -> int:
    """End the account's sign-ins that the change of these fields puts in doubt; count the people.

    Those are all of them where single sign-on is now required, as passwords do no more, where it
    is off, and where another provider is asked, as the former may have been in wrong hands.
    """
    in_doubt = (
        ("is_required" in changed and single_sign_on.is_required)
        or ("is_active" in changed and not single_sign_on.is_active)
        or "issuer" in changed
    )
    people = single_sign_on.account.users.filter(removed_at=None)
    return end_all_sign_ins(people) if in_doubt else 0


def forget_names(single_sign_on: SingleSignOn) -> int:
    """Know nobody by their name at the provider any more; return how many were known.

    For a company that has moved its people to new names there: their e-mails decide once more.
    """
    return SocialAccount.objects.filter(provider=single_sign_on.slug).delete()[0]
