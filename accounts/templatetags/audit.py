"""How entries of the audit log are shown."""

from django import template

from accounts.changes import changes_of

register = template.Library()


@register.filter
def changes(entry):
    """List what an entry of the audit log changed: name, before, after."""
    return changes_of(entry)
