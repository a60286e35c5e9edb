"""Three judges: who signs in by a password, and behind `user.has_perm` the policy and Django's own.

The policy answers for customers, Django's groups for staff.
"""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from users import policy
from users.models import User


class PasswordBackend(AuthenticationBackend):
    """Signs in by e-mail and password; a failing try takes as long whoever it is about.

    An address may be that of one who has proved it and of others who are invited: the first is
    asked, then the newest invitation with a temporary password. Two passwords are always checked,
    and where nobody is to be asked, one that is nobody's.
    """

    def authenticate(self, request, email=None, password=None, **others):
        if not email or not password:
            return None
        for person in self._candidates(email):
            if self._is_password_of(person, password):
                return self._let_in(person)
        return None

    def _candidates(self, email):
        """Return who may be meant, always two: None where there is nobody."""
        now = timezone.now()
        invited = User.objects.invited_by(email).filter(password_expires_at__gt=now)
        confirmed = User.objects.signing_in_by(email).first()
        if confirmed and confirmed.must_choose_password and confirmed.password_expires_at <= now:
            confirmed = None
        return [confirmed, invited.order_by("-added_at", "-pk").first()]

    def _is_password_of(self, person, password):
        if person is None:
            make_password(password)
            return False
        return person.check_password(password)

    def _let_in(self, person):
        """Return `person`; where disabled, leave them to allauth, which tells them so."""
        if self.user_can_authenticate(person):
            return person
        self._stash_user(person)
        return None


class PolicyBackend(BaseBackend):
    """Answers for customers, from users/policy.py, and its answer is final."""

    def has_perm(self, user_obj, perm, obj=None):
        """Answer `perm`, with a conference as `obj` where the permission is about one.

        Raises UndeclaredPermission for a permission that the policy does not know, TypeError where
        a conference is needed but missing or given but not asked about, and PermissionDenied for
        "no", which keeps Django from asking the other backends.
        """
        if not user_obj.is_authenticated or user_obj.account_id is None:
            return False
        about_a_conference = policy.is_about_a_conference(perm)
        if about_a_conference != (obj is not None):
            raise TypeError(f"{perm} is {'' if about_a_conference else 'not '}about a conference")
        if not self._allows(user_obj, perm, obj):
            raise PermissionDenied
        return True

    def _allows(self, user, permission, conference):
        if not user.is_active:
            return False
        if conference is None:
            return policy.allows(user.role, permission)
        if conference.account_id != user.account_id:
            return False
        return policy.allows_on_conference(user.role, user.rights_on(conference), permission)


class StaffBackend(ModelBackend):
    """Answers for the operator's staff: Django's groups and permissions. Signs nobody in."""

    def authenticate(self, request, **credentials):
        return None

    def has_perm(self, user_obj, perm, obj=None):
        return user_obj.is_staff and super().has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj, app_label):
        return user_obj.is_staff and super().has_module_perms(user_obj, app_label)
