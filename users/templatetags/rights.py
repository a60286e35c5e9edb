"""What a person may do, in words."""

from django import template
from django.utils.translation import gettext as _

from users import policy
from users.wording import grouped, named_or_counted, names_of_rights

register = template.Library()


@register.filter
def rights_in_words(user):
    """Say on which conferences `user` may do what, one sentence part per set of rights.

    Reads `user.rights` with their conferences, which a list fetches beforehand.
    """
    if user.role == policy.ALL_CONFERENCES_ROLE:
        return [_("Full Rights on every conference")]
    if user.role not in policy.TICKED_ROLES:
        return [_("No conferences")]
    return _grouped(user.rights.all()) or [_("No conferences yet")]


@register.filter
def rights_on(user, conference):
    """Name the rights of `user` on `conference`, as on the page where they are ticked."""
    return names_of_rights(user.rights_on(conference))


def _grouped(rights):
    held = {}
    for right in rights:
        held.setdefault(right.conference, set()).add(right.right)
    return [
        _("%(rights)s on %(conferences)s")
        % {"rights": names_of_rights(ticked), "conferences": named_or_counted(names)}
        for ticked, names in grouped(held).items()
    ]
