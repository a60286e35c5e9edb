"""PostgreSQL and Valkey for the whole test run, where DATABASE_URL and REDIS_URL name none.

Parallel workers share what the process that started them keeps running; pytest-django gives
each its own database, tests/settings.py its own database number in Valkey.
"""

from contextlib import ExitStack

import pytest
from django.conf import settings
from django.core.cache import cache

from accuconf.sandbox import servers


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        return
    held = ExitStack()
    try:
        held.enter_context(servers.running(settings.DATA_DIR, durable=False))
    except servers.ServerUnavailable as error:
        raise pytest.UsageError(f"The tests need real servers. {error}") from error
    config.add_cleanup(held.close)


@pytest.fixture(autouse=True)
def empty_cache():
    """Let no test find another's sessions, sign-in limits or queued tasks."""
    cache.clear()
