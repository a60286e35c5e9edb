"""How telephone numbers are written on pages."""

import phonenumbers
from django import template

register = template.Library()


@register.filter
def telephone(digits):
    """Write a bridge's digits as `+1 617-555-0100`, and what is no telephone number as it is."""
    try:
        number = phonenumbers.parse(f"+{digits.lstrip('+')}")
    except phonenumbers.NumberParseException:
        return digits
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
