"""`--seed N`: play one run of the random ones again, by the number that its failure printed."""

#: How many are played: at a desk, and of a night; .ci/run asks for 60.
IN_SHORT_RUN, IN_FULL = 15, 1000
#: How many runs one test plays, so that parallel workers share them.
IN_ONE_TEST = 15


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, help="play only the random run of this seed")
    parser.addoption("--seeds", type=int, help="play so many random runs", default=IN_SHORT_RUN)


def pytest_generate_tests(metafunc):
    if "seeds" in metafunc.fixturenames:
        metafunc.parametrize("seeds", _parts(metafunc.config), ids=_named)


def _parts(config):
    seed = config.getoption("--seed")
    if seed is not None:
        return [range(seed, seed + 1)]
    end = IN_FULL if config.getoption("--full") else config.getoption("--seeds")
    return [range(begin, min(begin + IN_ONE_TEST, end)) for begin in range(0, end, IN_ONE_TEST)]


def _named(seeds):
    return f"{seeds[0]}-{seeds[-1]}"
