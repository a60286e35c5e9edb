"""What tests about people have in common."""

import datetime as dt

import pytest
import time_machine
from django.test import Client


@pytest.fixture
def clients():
    """Three more browsers."""
    return [Client() for _ in range(3)]


@pytest.fixture
def other_client(clients):
    """Another browser."""
    return clients[0]


@pytest.fixture
def clock():
    """A noon in April that lasts, until a test moves it."""
    with time_machine.travel(dt.datetime(2026, 4, 10, 12, tzinfo=dt.UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def ben(basic, forged, forger):
    """Somebody whom the provider truly vouches for, unless a test changes what it says."""
    forger.claims = {"email": basic.email}
    return basic
