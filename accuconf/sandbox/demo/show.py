"""The whole portal on one machine, from the first process to the last."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from accuconf.sandbox.demo.children import Children, listens
from accuconf.sandbox.inbox import free_port
from accuconf.sandbox.stripe.controls import Controls
from accuconf.sandbox.world import PASSWORD
from accuconf.sandbox.world.lines import FIRST_NUMBER

MANAGE = settings.BASE_DIR / "manage.py"
#: One sign-in for each thing a person may be.
PEOPLE = [
    ("Customer Admin", "admin@aurora.example", "/customer/"),
    ("Customer Basic", "basic@aurora.example", "/customer/"),
    ("Customer Schedule", "schedule@aurora.example", "/customer/"),
    ("Customer View Billing / AR", "billing@aurora.example", "/customer/"),
    ("Operator's staff", "staff@meridian.example", "/staff/"),
]


class PortTaken(Exception):
    """Something else listens where the portal was asked to."""


class AlreadyShown(Exception):
    """Another demo runs on this data folder."""


@contextmanager
def alone() -> Iterator[None]:
    """Keep a second demo off the data folder inside the block. Raises AlreadyShown."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyShown(
                "The demo runs already on this data folder; stop it first."
            ) from None
        yield


def choose_port(wanted: int, *, is_asked_for: bool) -> int:
    """Return `wanted`, or where nobody asked for it and it is taken, the next free one.

    Raises PortTaken.
    """
    if not listens(wanted):
        return wanted
    if is_asked_for:
        raise PortTaken(f"Port {wanted} is taken by another program; choose another by --port.")
    return next(port for port in range(wanted + 1, wanted + 100) if not listens(port))


def environment_of(port: int) -> dict[str, str]:
    """Return the children's environment: ours, and where each finds the others."""
    stripe = os.environ.get("STRIPE_API_BASE") or f"http://127.0.0.1:{free_port()}"
    mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(free_port())}
    return {
        "EMAIL_USE_TLS": "no",
        **mail,
        **os.environ,
        "DATABASE_POOL": "0",
        "PORTAL_URL": origin_of(port),
        "PYTHONUNBUFFERED": "1",
        "SANDBOX_BRIDGE_PORT": str(free_port()),
        "STRIPE_API_BASE": stripe,
    }


def origin_of(port: int) -> str:
    """Return the portal's address; by this name browsers allow what they allow to https only."""
    return f"http://localhost:{port}"


def start_neighbours(children: Children, environment: dict[str, str]) -> None:
    """Start a telephone bridge, and a stand-in for Stripe and an inbox unless others are named."""
    port = environment["SANDBOX_BRIDGE_PORT"]
    command = ["-m", "accuconf.sandbox.bridge", "--port", port, "--room", FIRST_NUMBER]
    children.start("bridge", command, environment)
    children.wait_for_port(int(port))
    if "STRIPE_API_BASE" not in os.environ:
        port = urlsplit(environment["STRIPE_API_BASE"]).port
        state = settings.DATA_DIR / "stripe.json"
        command = ["-m", "accuconf.sandbox.stripe", "--port", port, "--state", state]
        children.start("stripe", command, environment)
        children.wait_for_port(port)
    if "EMAIL_HOST" not in os.environ:
        port = int(environment["EMAIL_PORT"])
        folder = settings.DATA_DIR / "inbox"
        command = ["-m", "accuconf.sandbox.inbox", "--port", port, "--folder", folder]
        children.start("inbox", command, environment)
        children.wait_for_port(port)


def start_portal(children: Children, environment: dict[str, str], port: int) -> None:
    """Start web, worker and timetable, and wait until the portal can serve."""
    web = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port]
    web += ["--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    celery = ["-m", "celery", "--quiet", "-A", "accuconf"]
    worker = ["worker", "-c", "2", "-l", "WARNING", "--without-mingle", "--without-gossip"]
    schedule = settings.DATA_DIR / "timetable"
    timetable = ["beat", "-l", "WARNING", "--pidfile=", "-s", schedule]
    children.start("web", [*web, "accuconf.wsgi:application"], environment | {"DATABASE_POOL": "4"})
    children.start("worker", [*celery, *worker], environment)
    children.start("timetable", [*celery, *timetable], environment)
    children.wait_for_page(f"{origin_of(port)}/readyz")
    if "STRIPE_API_BASE" not in os.environ:
        standin = Controls(environment["STRIPE_API_BASE"])
        webhook = f"{origin_of(port)}{reverse('stripe_webhook')}"
        standin.send_webhooks_to(webhook, secret=settings.STRIPE_WEBHOOK_SECRETS[0])


def until_told_to_stop(children: Children) -> None:
    """Wait for Ctrl-C, which ends this as KeyboardInterrupt. Raises ChildStopped."""
    while True:
        children.refuse_dead()
        time.sleep(0.5)


def welcome(port: int) -> str:
    """Return what a newcomer needs to know: the address, and whom they may be."""
    origin = origin_of(port)
    rows = [f"    {role:<28}{email:<28}{origin}{path}" for role, email, path in PEOPLE]
    lines = [
        f"AccuConf is running at {origin}/customer/",
        "",
        *rows,
        "",
        f'    The password of each is "{PASSWORD}".',
        f"    The letters it sends lie at {origin}/sandbox/inbox/; none leaves this machine.",
        "    Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def logs() -> Path:
    """Return the folder of what the children say."""
    return settings.DATA_DIR / "logs"
