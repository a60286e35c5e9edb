"""What tests about people have in common."""

import pytest
from django.test import Client


@pytest.fixture
def clients():
    """Three more browsers."""
    return [Client() for _ in range(3)]


@pytest.fixture
def other_client(clients):
    """Another browser."""
    return clients[0]
