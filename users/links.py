"""Links that let their reader in: made when a letter is written, never stored."""

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse

from users.models import User


def password_link(person: User) -> str:
    """Return the address behind which `person` chooses a password: once, within 72 hours."""
    where = {
        "uidb36": user_pk_to_url_str(person),
        "key": default_token_generator.make_token(person),
    }
    return settings.PORTAL_URL + reverse("account_reset_password_from_key", kwargs=where)
