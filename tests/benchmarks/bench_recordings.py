"""How fast a recording is served, beside Django's own file answer; how much memory it holds.

Run as `./portal test tests/benchmarks/bench_recordings.py -s`.
"""

import time
import tracemalloc

import pytest
from django.http import FileResponse
from django.urls import reverse

from conferences.recordings.storage import OnDisk
from tests import make
from tests.pages import sign_in

MEGABYTES = 256


@pytest.fixture
def recording(settings, tmp_path, conference):
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "conferences.recordings.storage.OnDisk",
            "OPTIONS": {"location": tmp_path},
        }
    }
    made = make.recording(conference=conference)
    path = OnDisk(tmp_path).path(made.file.name)
    with open(path, "r+b") as file:
        file.truncate(MEGABYTES * 1024 * 1024)
    type(made).objects.update(size=MEGABYTES * 1024 * 1024)
    made.path = path
    return made


def seconds(work, times=3):
    def once():
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return min(once() for _ in range(times))


def consume(response):
    for _ in response:
        pass


def serve_bare(path):
    with open(path, "rb") as file:
        consume(FileResponse(file))


def test_serving(client, admin, recording):
    sign_in(client, admin)
    address = reverse("conferences:recording_audio", args=[recording.pk])

    def seek():
        consume(client.get(address, headers={"Range": "bytes=-65536"}))

    consume(client.get(address))  # so that both find the file in memory
    ours = seconds(lambda: consume(client.get(address)))
    beside = seconds(lambda: serve_bare(recording.path))
    seeking = seconds(lambda: [seek() for _ in range(50)]) / 50
    bare = seconds(lambda: [client.get("/healthz") for _ in range(50)]) / 50
    tracemalloc.start()
    consume(client.get(address))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    print(f"\n{MEGABYTES} MB whole: {MEGABYTES / ours:.0f} MB/s, Django's FileResponse "
          f"{MEGABYTES / beside:.0f} MB/s, ratio {beside / ours:.2f}")  # fmt: skip
    print(f"its last 64 KB: {seeking * 1000:.1f} ms, beside /healthz {bare * 1000:.1f} ms")
    print(f"memory held while {MEGABYTES} MB are served: {peak / 1024:.0f} KB")


@pytest.mark.parametrize("count", [1, 500])
def test_list(client, admin, conference, count):
    for _ in range(count):
        make.recording(conference=conference)
    sign_in(client, admin)

    taken = seconds(lambda: client.get(reverse("conferences:recordings")), times=5)

    print(f"\nthe page of {count} recordings: {taken * 1000:.0f} ms")
