"""How changes are asked for: by a form's POST; and the secrets that are typed on the way.

A way to make a change takes `here`, the people around, and the name of the address; it prepares
what the change needs and returns the function that makes it.
"""

from django.urls import reverse

from tests import make
from tests.users import factors

TEMPORARY = "typed by an admin"
CHOSEN = "chosen by myself"
DIGITS = "481516234"
#: What no entry may tell; a way that makes another secret adds it.
SECRETS = [make.PASSWORD, TEMPORARY, CHOSEN, DIGITS, factors.SECRET]


def post(here, name, /, *arguments, client=None, **typed):
    return lambda: (client or here.client).post(reverse(name, args=arguments), typed)


def press(here, name):
    """Press a button that stands on the Basic's page."""
    return post(here, name, here.basic.pk)
