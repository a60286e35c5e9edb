"""The fixed cast: one customer company with a person of each role, and a stranger of another."""

import pytest

from tests import make

pytest_plugins = [
    "tests.plugins.bridges",
    "tests.plugins.call_files",
    "tests.plugins.company",
    "tests.plugins.emptying",
    "tests.plugins.full",
    "tests.plugins.seeds",
    "tests.plugins.servers",
    "tests.plugins.smtp",
    "tests.plugins.stripe",
]


@pytest.fixture
def plan(db):
    return make.rate_plan(name="Standard")


@pytest.fixture
def account(plan):
    return make.account(name="Aurora Robotics", plan=plan)


@pytest.fixture
def conference(account):
    return make.conference(account=account, name="Weekly meeting")


@pytest.fixture
def admin(account):
    return make.user(account=account, role="admin", email="admin@aurora.example", name="Ana Admin")


@pytest.fixture
def basic(account):
    return make.user(account=account, role="basic", email="basic@aurora.example", name="Ben Basic")


@pytest.fixture
def scheduler(account):
    return make.user(
        account=account, role="schedule", email="schedule@aurora.example", name="Sam Schedule"
    )


@pytest.fixture
def biller(account):
    return make.user(
        account=account, role="billing", email="billing@aurora.example", name="Bill Payable"
    )


@pytest.fixture
def stranger(plan):
    """The admin of another account."""
    other = make.account(name="Borealis Shipping", plan=plan)
    return make.user(account=other, role="admin", email="admin@borealis.example", name="Bo")


@pytest.fixture
def staff(db):
    return make.user(email="staff@meridian.example", name="Stefan Staff", is_superuser=True)
