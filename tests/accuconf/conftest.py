"""Who works in the back office, and looks from there as a customer."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from tests import make
from tests.accuconf.looks import start
from tests.pages import sign_in


@pytest.fixture
def clerk(db):
    """Somebody of the billing staff, who is no superuser."""
    call_command("make_staff_groups", verbosity=0)
    person = make.user(email="clerk@meridian.example", name="Clara Clerk")
    person.groups.add(Group.objects.get(name="Billing staff"))
    return person


@pytest.fixture
def looking(client, clerk, admin):
    """The client of staff who look as the account's Admin."""
    sign_in(client, clerk)
    start(client, admin)
    return client


@pytest.fixture
def changing(looking):
    """The same, with changes allowed."""
    looking.post(reverse("look_allow"), {"reason": "They asked by telephone."})
    return looking
