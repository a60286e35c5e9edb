"""Two judges behind `user.has_perm`: the policy for customers, Django's own for staff."""

from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.core.exceptions import PermissionDenied

from users import policy


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
