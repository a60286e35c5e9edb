"""Where the sandbox's servers keep their things, and as whom they run.

Sockets have a path limit of about 100 bytes, so they live in a short private folder of their own
whose name follows from the data folder. PostgreSQL refuses to run as root: started by root it runs
as `nobody`, and never opens a folder of root's to get there.
"""

import hashlib
import os
import pwd
import stat
import subprocess
from pathlib import Path

#: Data and programs of servers that root started from a folder closed to others, as /root is.
OUTSIDE = Path("/var/lib/accuconf-sandbox")


class ServerUnavailable(Exception):
    """A server of the sandbox cannot be started; the text says what to do about it."""


def is_root() -> bool:
    """Say whether servers must run as somebody else than the caller."""
    return os.geteuid() == 0


def server_account() -> pwd.struct_passwd:
    """Return the account PostgreSQL runs as: the caller's own, or nobody's for root."""
    return pwd.getpwnam("nobody") if is_root() else pwd.getpwuid(os.geteuid())


def digest(data_dir: Path) -> str:
    """Return a short name for a data folder, the same in every process and terminal."""
    return hashlib.sha256(os.fsencode(Path(data_dir).resolve())).hexdigest()[:12]


def runtime_folder(data_dir: Path) -> Path:
    """Return the folder of sockets and locks that belongs to `data_dir`; it need not exist yet."""
    return Path("/tmp") / f"accuconf-{os.geteuid()}-{digest(data_dir)}"


def make_runtime_folder(data_dir: Path) -> Path:
    """Make the runtime folder for its owner alone, and return it.

    Raises ServerUnavailable: where somebody else made it first, their sockets are not trusted.
    """
    folder = runtime_folder(data_dir)
    owner = server_account()
    try:
        folder.mkdir(mode=0o700)
        give_to_server(folder)
    except FileExistsError:
        found = folder.lstat()
        mine = stat.S_ISDIR(found.st_mode) and found.st_uid in {owner.pw_uid, os.geteuid()}
        if not mine or stat.S_IMODE(found.st_mode) & 0o077:
            raise ServerUnavailable(f"{folder} is not private to you; remove it.") from None
        give_to_server(folder)
    return folder


def give_to_server(folder: Path) -> None:
    """Hand a folder to the account the server runs as."""
    if is_root():
        account = server_account()
        os.chown(folder, account.pw_uid, account.pw_gid)


def is_closed(folder: Path) -> bool:
    """Say whether others than the owner cannot enter `folder`."""
    folder = folder.resolve()
    return any(not f.stat().st_mode & stat.S_IXOTH for f in [folder, *folder.parents])


def run_as_server(command: list, **options) -> subprocess.CompletedProcess:
    """Run a command as the server's account, without the caller's PG… variables."""
    account = server_account()
    as_nobody = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return subprocess.run(
        [str(word) for word in command],
        **(as_nobody if is_root() else {}),
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        umask=0o077,
        cwd="/",
        check=False,
        text=True,
        **options,
    )
