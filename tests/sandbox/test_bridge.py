"""The demo's bridge: a process of its own that holds a call and does what it is told."""

import subprocess
import sys

import pytest

from accuconf.sandbox import seed
from conferences.bridge.control import Order, call_on, order_on
from conferences.models import Bridge
from conferences.services.live import lines_of


@pytest.fixture
def port():
    """The port of a bridge that runs as the demo starts it."""
    command = [sys.executable, "-m", "accuconf.sandbox.bridge", "--port", "0", "--room", "31000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield int(process.stdout.readline())
        process.terminate()


def test_the_demos_call_is_moderated_by_the_bridge_that_the_seed_connects(db, port):
    seed.connect_bridge(port + 1)
    seed.connect_bridge(port)
    lines = lines_of(Bridge.objects.active())
    call, _ = call_on(lines, "31000")

    order_on(lines, "31000", Order.DROP, member_id=call.members[-1].id)

    assert len(call.members) == 5
    assert len(call_on(lines, "31000")[0].members) == 4
