"""How the ways of calling in are named on pages and bills."""

from django import template

from conferences.models import AccessType

register = template.Library()


@register.filter
def access_labels(access_types):
    """Name the access types, in the order of their table: `Toll-free, Out-dial`."""
    return ", ".join(str(kind.label) for kind in AccessType if kind in access_types)
