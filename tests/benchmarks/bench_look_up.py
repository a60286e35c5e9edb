"""PIN look-ups beside the smallest view of the same server: per second, and the slowest of 20.

Run it with `./portal test tests/benchmarks/bench_look_up.py -s`. Granian serves the portal as in
production, with 100,000 PINs in the database; bridges ask over kept connections. It prints ratios;
it asserts that every answer is right.
"""

import http.client
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accuconf.sandbox.inbox import free_port
from conferences.models import Pin
from conferences.models.pin import digest_of, sealed
from conferences.services.bridges import make_key
from tests import make
from tests.plugins.company import wait_until_it_answers

PINS = 100_000
ASKING = (1, 8)
REQUESTS = 250  # by each of those who ask
THREADS = 4
SECONDS = 5  # a bridge waits no longer


@pytest.fixture
def key(transactional_db):
    line = make.conference(account=make.account(), number="30125")
    seal = sealed("000000000")  # never opened by a look-up
    Pin.objects.bulk_create(
        (
            Pin(conference=line, kind="participant", sealed_digits=seal, digest=digest_of(digits))
            for digits in map(digits_of, range(PINS))
        ),
        batch_size=10_000,
    )
    return make_key(make.bridge(name="bridge1"), now=timezone.now())


def digits_of(number):
    return f"{number:09}"


def test_look_ups_beside_a_bare_view(key):
    authorization = {"Authorization": f"Bearer {key}"}
    kinds = {
        "bare view": (lambda _: ("GET", "/healthz", None, {}), "alive"),
        "right PIN": (lambda number: ask(number, authorization), '"answer": "enter"'),
        "wrong PIN": (lambda number: guess(number, authorization), '"reason": "unknown"'),
    }
    with server() as port:
        for asking in ASKING:
            print(f"\n{asking} asking at once, {PINS:,} PINs")
            bare = None
            for name, (request_of, expected) in kinds.items():
                per_second, late = measured(port, asking, request_of, expected)
                bare = bare or per_second
                print(
                    f"{name}: {per_second:,.0f} a second, p95 {1000 * late:.1f} ms,"
                    f" {bare / per_second:.1f} times the bare view"
                )


def ask(number, headers):
    """A call with a right PIN, each another's."""
    form = {"digits": digits_of(number * 7 % PINS), "call": f"call-{number}"}
    return post(form | {"caller": f"1212{number:07}", "dialled": "18005550100"}, headers)


def guess(number, headers):
    """A call with a wrong PIN, so spread that nobody is locked out."""
    form = {"digits": f"9{number:08}", "call": f"call-{number}"}
    return post(form | {"caller": f"1212{number:07}", "dialled": f"1800{number:07}"}, headers)


def post(form, headers):
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return ("POST", "/bridge/pin/", urlencode(form), headers | kind)


def measured(port, asking, request_of, expected):
    """Let so many ask at once; return answers per second, and the time of the slowest of 20."""
    spent, wrong = [], []

    def one(first):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        for number in range(first, first + REQUESTS):
            method, path, body, headers = request_of(number)
            began = time.perf_counter()
            line.request(method, path, body, headers)
            said = line.getresponse().read().decode()
            spent.append(time.perf_counter() - began)
            if expected not in said:
                wrong.append(said)
                break
        line.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=one, args=[place * REQUESTS]) for place in range(asking)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    assert wrong == []
    return len(spent) / seconds, sorted(spent)[int(0.95 * len(spent))]


@contextmanager
def server():
    """Serve the portal on the test's database; give the port."""
    port = free_port()
    command = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--blocking-threads", str(THREADS), "--no-access-log", "accuconf.wsgi:application"]
    serving = subprocess.Popen([sys.executable, *command], env=environment())
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/healthz")
        yield port
    finally:
        serving.terminate()
        serving.wait(10)


def environment():
    """Return what makes a process of the portal use the test's own servers."""
    given = connection.settings_dict
    host = quote(given["HOST"] or given["OPTIONS"]["host"], safe="")
    who = f"{given['USER']}:{quote(given['PASSWORD'], safe='')}"
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{who}@:{given['PORT'] or 5432}/{given['NAME']}?host={host}",
        "REDIS_URL": settings.REDIS_URL,
        "DATABASE_POOL": str(THREADS),
    }
