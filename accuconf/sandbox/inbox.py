"""A mail server on loopback that delivers every letter into one folder, each as an .eml file.

`python -m accuconf.sandbox.inbox --port N --folder F` runs it until it is told to stop; the page
/sandbox/inbox/ shows the folder.
"""

import argparse
import itertools
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.controller import Controller

from accuconf.sandbox.letters import ENVELOPE_HEADER

LOOPBACK = "127.0.0.1"


class Inbox:
    """Takes every letter and hands its bytes, headed by its real recipients, to `keep`."""

    def __init__(self, keep: Callable[[bytes], None]):
        self.keep = keep

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        recipients = ", ".join(envelope.rcpt_tos)
        self.keep(f"{ENVELOPE_HEADER}: {recipients}\r\n".encode() + envelope.content)
        return "250 Delivered"


def into_folder(folder: Path) -> Callable[[bytes], None]:
    """Return a `keep` that writes whole files only, named so that they sort by arrival."""
    folder.mkdir(parents=True, exist_ok=True)
    serial = itertools.count()

    def keep(letter: bytes) -> None:
        path = folder / f"{time.time_ns()}-{next(serial):04}.eml"
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(letter)
        os.replace(unfinished, path)

    return keep


def start(inbox: Inbox, port: int) -> Controller:
    """Start listening on loopback in a thread of its own; stop() of what is returned ends it."""
    controller = Controller(inbox, hostname=LOOPBACK, port=port)
    controller.start()
    return controller


def free_port() -> int:
    """Return a port of loopback on which nothing listens."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return listener.getsockname()[1]


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before the thread, so only sigwait sees them
    controller = start(Inbox(into_folder(options.folder)), options.port)
    signal.sigwait(ends)
    controller.stop()


if __name__ == "__main__":
    main()
