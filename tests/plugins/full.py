"""`--full`: the long form of some proofs, which the ordinary run leaves out or cuts short."""

_run = {"is_full": False}


def at_length(*, short, full):
    """Return how much a proof tries: examples, or every how many points it kills at."""
    return full if _run["is_full"] else short


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="run the long forms of proofs too")


def pytest_configure(config):
    _run["is_full"] = config.getoption("--full")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--full"):
        return
    long_forms = [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=long_forms)
    items[:] = [item for item in items if item not in long_forms]
