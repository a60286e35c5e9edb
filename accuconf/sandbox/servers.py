"""The sandbox's own PostgreSQL and Valkey: where they listen, and running them while needed.

The addresses follow from the data folder alone, so settings.py can name them and every process
finds them. Whoever needs the servers holds a lock while they do: the first to come starts what
does not run, the last to leave stops it. The system frees the lock of a killed process, so what
that left running serves the next, who stops it in the end. The standard library suffices here:
production imports this room too, and has none of the wheels.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from accuconf.sandbox import postgres, valkey
from accuconf.sandbox.folders import ServerUnavailable, make_runtime_folder, runtime_folder

__all__ = ["ServerUnavailable", "broker_url", "database_url", "redis_url", "running"]


def database_url(data_dir: Path) -> str:
    """Return the address of the sandbox's PostgreSQL, started or not."""
    host = quote(str(runtime_folder(data_dir)))
    return f"postgres://postgres@:5432/{postgres.DATABASE}?host={host}"


def redis_url(data_dir: Path) -> str:
    """Return the address of the sandbox's Valkey, started or not, as redis-py reads it."""
    return f"unix://{quote(str(valkey.socket_path(runtime_folder(data_dir))))}?db=0"


def broker_url(redis_url: str) -> str:
    """Return the same address as Celery reads it, which names sockets in its own way."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"


@contextmanager
def running(data_dir: Path, *, durable: bool = True) -> Iterator[None]:
    """Have the servers of `data_dir` run inside the block, shared with whoever else needs them.

    A server whose address the environment gives (DATABASE_URL, REDIS_URL) is not started.
    `durable=False` buys speed for tests: a power cut may spoil the database.

    Raises ServerUnavailable.
    """
    data_dir = Path(data_dir).resolve()
    if {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        yield
        return
    sockets = make_runtime_folder(data_dir)
    with (sockets / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while the last one is just stopping them
        try:
            start(data_dir, sockets, durable=durable)
            yield
        finally:
            if is_last(users):
                stop(data_dir, sockets)


def start(data_dir: Path, sockets: Path, *, durable: bool) -> None:
    """Start the servers that the environment does not give, one process at a time."""
    with (sockets / "start.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if "DATABASE_URL" not in os.environ:
            make_data_folder(data_dir)
            postgres.start(data_dir, sockets, durable=durable)
        if "REDIS_URL" not in os.environ:
            valkey.start(sockets)


def make_data_folder(data_dir: Path) -> None:
    """Make the data folder.

    Raises ServerUnavailable if it belongs to somebody else.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise ServerUnavailable(f"{data_dir} cannot be made: {error.strerror}.") from error
    if not os.access(data_dir, os.W_OK):
        raise ServerUnavailable(f"{data_dir} is not yours to write in; set ACCUCONF_DATA.")


def is_last(users) -> bool:
    """Say whether nobody else holds the lock, and keep others waiting for it if so."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop(data_dir: Path, sockets: Path) -> None:
    """Stop what runs of the servers."""
    postgres.stop(data_dir)
    valkey.stop(sockets)
