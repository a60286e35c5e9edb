"""How people are shown."""

from django import template

register = template.Library()


@register.filter
def initials(name):
    """Return the first letters of the first and last word: `Ada King Byron` → `AB`."""
    words = name.split()
    return "".join(word[0].upper() for word in words[:1] + words[1:][-1:])
