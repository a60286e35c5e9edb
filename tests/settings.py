"""The settings of a test run: the portal's own, with a data folder and a Redis database apart.

Redis and its database number, given or our own, are emptied by tests; each parallel worker takes
the next number.
"""

import fcntl
import itertools
import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from accuconf.sandbox import servers

if os.environ.get("ACCUCONF_MODE", "sandbox") != "sandbox":
    raise ImproperlyConfigured("Tests empty what they use; they never run in production.")
ROOT = Path(__file__).resolve().parent.parent


def free_data_folder():
    """Return a data folder that no other test run uses, and keep it for this one."""
    folders = (ROOT / "var" / f"test-{number}" for number in itertools.count(1))
    return next(folder for folder in folders if is_ours(folder))


def is_ours(folder):
    """Take the folder while this process lives; say whether nobody else had it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "run.lock", os.O_WRONLY | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    return True


def numbered(redis_url, number):
    """Return the address of the database `number` places after the one of `redis_url`."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + number}").geturl()


if "ACCUCONF_DATA" not in os.environ:  # what we start, workers and commands, inherits ours
    os.environ["ACCUCONF_DATA"] = str(free_data_folder())
if worker := os.environ.get("PYTEST_XDIST_WORKER", ""):
    given = os.environ.get("REDIS_URL", servers.redis_url(os.environ["ACCUCONF_DATA"]))
    os.environ["REDIS_URL"] = numbered(given, int(worker.removeprefix("gw")))

from accuconf.settings import *  # noqa: E402, F403 - it reads the environment made ready above

#: A real password hash is slow on purpose; tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
#: WhiteNoise reads a static file when it is asked for, instead of all of them for each client.
WHITENOISE_AUTOREFRESH = True
#: Recordings of tests leave nothing behind.
STORAGES["recordings"] = {"BACKEND": "tests.recordings.InMemory"}  # noqa: F405
