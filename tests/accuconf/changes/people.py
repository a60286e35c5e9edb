"""How an Admin changes the account's people."""

from tests.accuconf.changes.asking import CHOSEN, post
from tests.users import factors
from users.models import User
from users.services.rights import standing


def add_user(here, name):
    typed = {"email": "new@example.com", "name": "New", "time_zone": "UTC", "password": CHOSEN}
    return post(here, name, **typed)


def edit_rights(here, name):
    typed = {"role": "basic", "ticked": [f"{here.conference.pk}:view"]}
    return post(here, name, here.basic.pk, seen=standing(here.basic), **typed)


def enable(here, name):
    User.objects.filter(pk=here.basic.pk).update(is_active=False)
    return post(here, name, here.basic.pk)


def invite_again(here, name):
    return post(here, name, here.invited.pk)


def require_factor(here, name):
    factors.app(here.admin)
    return post(here, name, is_required="yes")


CHANGES = {
    "users:user_add": add_user,
    "users:rights_edit": edit_rights,
    "users:user_enable": enable,
    "users:user_invite": invite_again,
    "users:second_factor_require": require_factor,
}
