"""Lending the sandbox's bridge a socket: one thread for each who connects."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from accuconf.sandbox.bridge.switch import Switch

LOOPBACK = "127.0.0.1"


class LineCut(Exception):
    """The bridge hangs up on whoever controls it."""


class Talk(socketserver.StreamRequestHandler):
    """One connection. Subclasses greet, read commands and write answers."""

    disable_nagle_algorithm = True

    @property
    def switch(self) -> Switch:
        return self.server.switch

    def handle(self) -> None:
        try:
            self.talk()
        except (LineCut, ConnectionError):
            return

    def talk(self) -> None:
        """Speak the protocol until the other end has hung up. Raises LineCut."""
        raise NotImplementedError

    def answer(self, command: str, words: str) -> None:
        """Write the answer to `command`, unless the switch is to misbehave. Raises LineCut."""
        said = words.encode("utf-8", "surrogateescape")
        if self.switch.silent_at and self.switch.silent_at in command:
            self.switch.closing.wait()
            raise LineCut
        if self.switch.cut_at and self.switch.cut_at in command:
            self.wfile.write(said[: len(said) // 2])
            raise LineCut
        self.wfile.write(said)


class Server(socketserver.ThreadingTCPServer):
    """A listening bridge."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, handler: type[Talk], switch: Switch) -> None:
        super().__init__((LOOPBACK, port), handler)
        self.switch = switch

    @property
    def port(self) -> int:
        return self.server_address[1]


@contextmanager
def serve(switch: Switch, handler: type[Talk], port: int = 0) -> Iterator[Server]:
    """Let `switch` be controlled on `port` (0: a free one) for the length of the block."""
    with Server(port, handler, switch) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield server
        finally:
            switch.closing.set()
            server.shutdown()
            thread.join()
