"""How long pages take to be answered."""

import time
from statistics import median


def seconds_for(client, url, *, times):
    """Return the median time of so many answers; one before them warms up."""
    spent = []
    for _ in range(times + 1):
        began = time.perf_counter()
        assert client.get(url).status_code == 200
        spent.append(time.perf_counter() - began)
    return median(spent[1:])
