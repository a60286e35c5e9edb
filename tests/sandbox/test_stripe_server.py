"""The stand-in as a server: on this machine only, from any process, and remembering when asked."""

import contextlib
import http.client
import json
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest

from accuconf.sandbox.stripe import Controls, serve
from accuconf.sandbox.stripe.standin import NotLoopback, Server
from accuconf.sandbox.stripe.state import World


@contextlib.contextmanager
def standing_alone(*options):
    """Run the stand-in as a process of its own, and give its controls."""
    command = [sys.executable, "-m", "accuconf.sandbox.stripe", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Controls(process.stdout.readline().strip())
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def place_of(url):
    return urllib.parse.urlsplit(url).netloc


def test_customers_and_keys_survive_a_restart(tmp_path, connected_to):
    state = tmp_path / "stripe.json"
    with serve(state_file=state) as before, connected_to(before.url) as client:
        made = client.customers.create({"name": "Acme"}, {"idempotency_key": "acme"})
        client.payment_methods.attach("pm_card_visa", {"customer": made.id})
        secret = before.send_webhooks_to("http://127.0.0.1:9/hook")
        now = before.advance(3600)

    with serve(state_file=state) as after, connected_to(after.url) as client:
        again = client.customers.create({"name": "Acme"}, {"idempotency_key": "acme"})
        (card,) = client.customers.payment_methods.list(made.id).data

        assert again.id == made.id
        assert card.card.last4 == "4242"
        assert after.objects("webhook_endpoint")[0]["url"] == "http://127.0.0.1:9/hook"
        assert after.advance(0) - now < 60

    assert secret in state.read_text()


def test_state_file_is_whole_after_every_change(tmp_path, connected_to):
    state = tmp_path / "stripe.json"
    with serve(state_file=state) as standin, connected_to(standin.url) as client:
        for n in range(3):
            client.customers.create({"name": str(n)})
            kept = json.loads(state.read_text())["objects"]["customer"]
            assert str(n) in [customer["name"] for customer in kept.values()]

    assert [file.name for file in tmp_path.iterdir()] == ["stripe.json"]


def test_without_a_state_file_everything_is_forgotten(connected_to):
    with serve() as standin, connected_to(standin.url) as client:
        client.customers.create({})
    with serve() as standin, connected_to(standin.url) as client:
        assert client.customers.list().data == []


def test_alone_it_serves_until_it_is_asked_to_stop(tmp_path, connected_to):
    state = str(tmp_path / "stripe.json")
    with standing_alone("--state", state) as controls, connected_to(controls.url) as client:
        made = client.customers.create({"name": "Acme"})

        assert [call["path"] for call in controls.calls()] == ["/v1/customers"]

    with standing_alone("--state", state) as controls, connected_to(controls.url) as client:
        assert client.customers.retrieve(made.id).name == "Acme"


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.7"])
def test_it_refuses_to_be_reached_from_outside(address):
    with pytest.raises(NotLoopback):
        Server((address, 0), World())


def test_taken_port_is_an_error(standin):
    with pytest.raises(OSError, match="in use"):
        serve(urllib.parse.urlsplit(standin.url).port)


def test_stopping_leaves_no_thread_and_no_connection():
    before = set(threading.enumerate())
    with serve() as standin:
        idle = socket.create_connection(place_of(standin.url).split(":"))
        standin.calls()

    assert idle.recv(1) == b""
    idle.close()
    assert set(threading.enumerate()) <= before


def test_caller_killed_while_sending_has_asked_for_nothing(standin):
    connection = socket.create_connection(place_of(standin.url).split(":"))
    connection.sendall(
        b"POST /v1/customers HTTP/1.1\r\nAuthorization: Bearer sk_test_x\r\n"
        b"Content-Length: 1000\r\n\r\nname=Ac"
    )
    connection.shutdown(socket.SHUT_WR)

    assert connection.recv(1) == b""
    connection.close()
    assert standin.objects("customer") == []


def test_kept_connection_is_answered_without_delay(standin):
    connection = http.client.HTTPConnection(place_of(standin.url))
    headers = {"Authorization": "Bearer sk_test_sandbox"}
    seconds = []

    for _ in range(20):
        began = time.perf_counter()
        connection.request("GET", "/v1/customers", headers=headers)
        connection.getresponse().read()
        seconds.append(time.perf_counter() - began)

    connection.close()
    assert statistics.median(seconds) < 0.03  # with Nagle's algorithm left on it is 0.04
