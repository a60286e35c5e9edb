"""A store of call files of one's own, for tests that damage or count what is kept there."""

import pytest


@pytest.fixture
def own_call_files(settings, tmp_path):
    """Keep call files where no other test, nor a worker beside this one, looks."""
    store = {**settings.STORAGES["call_files"], "OPTIONS": {"location": tmp_path / "call-files"}}
    settings.STORAGES = {**settings.STORAGES, "call_files": store}
