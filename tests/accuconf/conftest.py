"""Who works in the back office."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from tests import make


@pytest.fixture
def clerk(db):
    """Somebody of the billing staff, who is no superuser."""
    call_command("make_staff_groups", verbosity=0)
    person = make.user(email="clerk@meridian.example", name="Clara Clerk")
    person.groups.add(Group.objects.get(name="Billing staff"))
    return person
