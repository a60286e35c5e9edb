"""What a person may do, in words."""

from django import template
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users import policy
from users.models import RightChoice

register = template.Library()

#: With more conferences than this, their number stands for their names.
NAMED_CONFERENCES = 2


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
    return _names(user.rights_on(conference))


def _grouped(rights):
    ticked = {}
    for right in rights:
        ticked.setdefault(right.conference, set()).add(right.right)
    conferences = {}
    for conference, names in sorted(ticked.items(), key=lambda pair: pair[0].name):
        conferences.setdefault(_names(names), []).append(conference.name)
    return [
        _("%(rights)s on %(conferences)s")
        % {"rights": names, "conferences": _named_or_counted(where)}
        for names, where in conferences.items()
    ]


def _names(rights):
    return get_text_list([str(right.label) for right in RightChoice if right in rights], _("and"))


def _named_or_counted(names):
    if len(names) <= NAMED_CONFERENCES:
        return get_text_list(names, _("and"))
    return ngettext("%(count)d conference", "%(count)d conferences", len(names)) % {
        "count": len(names)
    }
