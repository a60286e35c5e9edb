"""Who runs the portal, for letterheads and footers."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def operator():
    """Return the operator's name, e-mail and phone as pages print them."""
    return {
        "name": settings.OPERATOR_NAME,
        "email": settings.OPERATOR_EMAIL,
        "phone": settings.OPERATOR_PHONE,
    }
