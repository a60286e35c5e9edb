"""The settings of a test run: the portal's own, with a data folder and a Redis database apart.

Redis and its database number, given or our own, are emptied by tests; each parallel worker takes
the next number.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from accuconf.sandbox import servers

if os.environ.get("ACCUCONF_MODE", "sandbox") != "sandbox":
    raise ImproperlyConfigured("Tests empty what they use; they never run in production.")
ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.setdefault("ACCUCONF_DATA", str(ROOT / "var" / "test")))


def numbered(redis_url, number):
    """Return the address of the database `number` places after the one of `redis_url`."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + number}").geturl()


if worker := os.environ.get("PYTEST_XDIST_WORKER", ""):
    given = os.environ.get("REDIS_URL", servers.redis_url(DATA))
    os.environ["REDIS_URL"] = numbered(given, int(worker.removeprefix("gw")))

from accuconf.settings import *  # noqa: E402, F403 - it reads the environment made ready above

#: A real password hash is slow on purpose; tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
