"""`--full`: the long form of some proofs, which the ordinary run leaves out."""


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="run the long forms of proofs too")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--full"):
        return
    long_forms = [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=long_forms)
    items[:] = [item for item in items if item not in long_forms]
