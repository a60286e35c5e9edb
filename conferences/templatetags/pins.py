"""How the digits of PINs are written on pages."""

from django import template

register = template.Library()


@register.filter
def in_threes(digits):
    """Write digits in groups, as they are read out: `481 516 234`."""
    return "\N{NO-BREAK SPACE}".join(digits[at : at + 3] for at in range(0, len(digits), 3))
