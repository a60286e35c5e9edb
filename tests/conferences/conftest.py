"""A bridge that asks the portal."""

import pytest
from django.utils import timezone

from conferences.services.bridges import make_key
from tests import make


@pytest.fixture
def bridge(db):
    return make.bridge(name="bridge1")


@pytest.fixture
def key(bridge):
    return make_key(bridge, now=timezone.now())


@pytest.fixture
def ask(client, key):
    """Asks one of the bridge's addresses, as the bridge."""

    def asked(path, **form):
        return client.post(f"/bridge/{path}", form, headers={"Authorization": f"Bearer {key}"})

    return asked
