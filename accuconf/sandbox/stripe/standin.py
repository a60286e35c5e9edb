"""The HTTP server, loopback only, with a thread for each connection; starting and stopping it."""

import base64
import contextlib
import ipaddress
import json
import socket
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import stripe

from . import api, backstage, forms, pages
from .api import Answer, Request
from .controls import Controls
from .errors import Refused
from .faults import Hangup
from .state import World

HOST = "127.0.0.1"


class NotLoopback(Exception):
    """A stand-in for Stripe must not be reachable from outside."""


def serve(port=0, *, state_file=None):
    """Start a stand-in on 127.0.0.1 and return it; port 0 takes a free one.

    With `state_file` what it knows is written there after each change and read at the start.
    """
    return StandIn(port, state_file=state_file).start()


class StandIn(Controls):
    """A stand-in running in a thread of this process; `with serve() as standin` stops it."""

    def __init__(self, port=0, *, state_file=None):
        self._world = World(state_file)
        self._server = Server((HOST, port), self._world)
        self._thread = None
        super().__init__(self._world.url)

    def start(self):
        """Answer calls and deliver webhooks, until stopped."""
        if self._thread is None:
            self._world.postman.start()
            self._thread = threading.Thread(target=self._serve, name="stripe", daemon=True)
            self._thread.start()
        return self

    def stop(self):
        """Close every connection and wait for what is under way."""
        self._world.closing.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._world.postman.stop()
        self._server.close_connections()
        self._server.server_close()

    def _serve(self):
        self._server.serve_forever(poll_interval=0.02)

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()


class Server(ThreadingHTTPServer):
    """Knows its open connections, so that none outlives it."""

    request_queue_size = 128

    def __init__(self, address, world):
        if not ipaddress.ip_address(address[0]).is_loopback:
            raise NotLoopback(f"The Stripe stand-in may not listen on {address[0]}.")
        self.world = world
        self._talking = {}
        super().__init__(address, Handler)
        world.url = f"http://{HOST}:{self.server_address[1]}"

    def process_request(self, request, client_address):
        """Serve a connection in a thread of its own."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self._talking[thread] = request
        thread.start()

    def process_request_thread(self, request, client_address):
        """Serve a connection until it closes."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._talking.pop(threading.current_thread(), None)

    def close_connections(self):
        """Hang up on everyone who is still connected, and wait until they are gone."""
        for thread, connection in list(self._talking.items()):
            _hang_up(connection)
            thread.join()

    def handle_error(self, request, client_address):
        """Say nothing of callers who went away; show what is wrong with the stand-in itself."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Reads requests, lets the right room answer, writes answers."""

    protocol_version = "HTTP/1.1"
    server_version = "stripe-standin"
    # Without these two, delayed acknowledgements make each call on a kept connection take 40 ms.
    disable_nagle_algorithm = True
    wbufsize = 65536

    def do_OPTIONS(self):
        """Let Stripe.js call from any page."""
        self._write(Answer(204, b"", {"Content-Type": "text/plain"}))

    def do_GET(self):
        """Answer any method alike."""
        url = urllib.parse.urlsplit(self.path)
        try:
            self._write(self._answer(url.path, url.query, self._body()))
        except Hangup:
            self.close_connection = True
            _hang_up(self.connection)
        except Refused as refusal:
            self._write(Answer(refusal.status, {"error": refusal.error}))

    do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *args):
        """Say nothing: `calls()` is the log."""

    def _body(self):
        """Read the body; a caller that died while sending it has asked for nothing."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise Hangup
        return body.decode()

    def _answer(self, path, query, body):
        world = self.server.world
        if path.startswith("/v1/"):
            return api.answer(world, self._request(path, query, body))
        if path.startswith("/_test/"):
            given = json.loads(body or "{}")
            return Answer(200, backstage.answer(world, path.removeprefix("/_test/"), given))
        return pages.answer(world, self.command, path, dict(urllib.parse.parse_qsl(body)))

    def _request(self, path, query, body):
        key = self.headers.get("Idempotency-Key")
        return Request(
            method=self.command,
            path=path,
            form=forms.decode(query, body),
            api_key=_api_key(self.headers.get("Authorization", "")),
            version=self.headers.get("Stripe-Version"),
            idempotency_key=key if self.command == "POST" else None,
        )

    def _write(self, answer):
        body, headers = answer.body, {"Content-Type": "application/json"} | answer.headers
        if not isinstance(body, bytes):
            body = json.dumps(body, indent=2).encode()
        self.send_response(answer.status)
        headers["Content-Length"] = str(len(body))
        headers["Stripe-Version"] = stripe.api_version
        if not self.path.startswith("/_test/"):
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Allow-Headers"] = "authorization, content-type"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _hang_up(connection):
    with contextlib.suppress(OSError):  # the other side may just have done so
        connection.shutdown(socket.SHUT_RDWR)


def _api_key(authorization):
    """Return the key of a bearer or basic authorization, or nothing."""
    scheme, _, value = authorization.partition(" ")
    if scheme == "Basic":
        return base64.b64decode(value).decode().partition(":")[0]
    return value if scheme == "Bearer" else ""
