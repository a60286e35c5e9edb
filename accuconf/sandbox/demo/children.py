"""The processes of the demo: started, watched, and stopped together, whatever becomes of us."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOPBACK = "127.0.0.1"
#: How we are told to stop: by Ctrl-C, by kill, by a closed terminal.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_STOP = 15
#: prctl's number for "send me this signal when my parent is gone".
PR_SET_PDEATHSIG = 1


class ChildStopped(Exception):
    """A process of the demo ended by itself; the text says which, and what it said last."""


class NotReady(Exception):
    """A process of the demo did not begin to answer in time."""


class Children:
    """The processes, by name. What each says goes into a file of its name in `logs`."""

    def __init__(self, logs: Path):
        self.logs = logs
        self.running: dict[str, subprocess.Popen] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: list, environment: dict[str, str]) -> None:
        """Start `python COMMAND` in a session of its own, so that Ctrl-C reaches only us."""
        with (self.logs / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *(str(word) for word in command)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )

    def refuse_dead(self) -> None:
        """Raise ChildStopped if any has ended."""
        for name, process in self.running.items():
            if process.poll() is not None:
                said = (self.logs / f"{name}.log").read_text(errors="replace")[-2000:]
                raise ChildStopped(f"{name} stopped with {process.returncode}:\n{said}")

    def wait_for_port(self, port: int, *, seconds: float = 30) -> None:
        """Wait until a child listens on `port`. Raises ChildStopped, NotReady."""
        self._wait(lambda: listens(port), f"port {port}", seconds)

    def wait_for_page(self, url: str, *, seconds: float = 60) -> None:
        """Wait until the page answers 200. Raises ChildStopped, NotReady."""
        self._wait(lambda: answers(url), url, seconds)

    def stop(self) -> None:
        """Ask all to stop, in turn from the last started, and kill who does not."""
        for process in reversed(self.running.values()):
            process.terminate()
        give_up = time.monotonic() + SECONDS_TO_STOP
        for process in self.running.values():
            try:
                process.wait(max(0, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _wait(self, is_up, what: str, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        while not is_up():
            self.refuse_dead()
            if time.monotonic() > give_up:
                raise NotReady(f"{what} does not answer; see {self.logs}")
            time.sleep(0.1)


@contextmanager
def together(logs: Path) -> Iterator[Children]:
    """Give the children, all of whom are stopped at the end of the block.

    Every way of being told to stop ends the block as Ctrl-C does: by KeyboardInterrupt.
    """
    children = Children(logs)
    before = {each: signal.signal(each, signal.default_int_handler) for each in ENDINGS}
    try:
        yield children
    finally:
        for each in ENDINGS:
            signal.signal(each, signal.SIG_IGN)  # impatience must not leave anybody running
        children.stop()
        for each, handler in before.items():
            signal.signal(each, handler)


def die_with_parent(parent: int):
    """Return what a child does first: ask Linux to end it when we are killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # loaded here: a new child should do as little as it can

    def ask():
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def listens(port: int) -> bool:
    """Say whether anything on loopback listens on `port`."""
    with socket.socket() as line:
        return line.connect_ex((LOOPBACK, port)) == 0


def answers(url: str) -> bool:
    """Say whether the page answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
