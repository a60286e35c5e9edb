"""Kill points: before and after every SQL statement, commit, Stripe call, SMTP verb and file write.

In a child process, `install(visit)` calls `visit(label)` at each of them. A visit that kills the
process there shows what a crash at that point leaves behind.
"""

import os
import signal
import smtplib
from contextlib import contextmanager

import stripe
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


def install(visit):
    """Have `visit` called at every point of this process, from now on."""
    connection.execute_wrappers.append(_around_statements(visit))
    _surround(BaseDatabaseWrapper, "_commit", lambda *_: "COMMIT", visit)
    _surround(
        stripe.RequestsClient, "request", lambda _, method, url, *__: f"{method} {url}", visit
    )
    _surround(smtplib.SMTP, "connect", lambda *_: "SMTP connect", visit)
    _surround(smtplib.SMTP, "putcmd", lambda _, verb, *__: f"SMTP {verb}", visit)
    _surround(smtplib.SMTP, "getreply", lambda *_: "SMTP reply", visit)
    _surround(FileSystemStorage, "_save", lambda _, name, *__: f"save {name}", visit)
    _surround(FileSystemStorage, "delete", lambda _, name: f"delete {name}", visit)
    for name in ("write", "replace", "rename", "link", "fsync"):
        _surround(os, name, lambda *_, name=name: f"os.{name}", visit)


class Counter:
    """A visit that remembers each point's label, and kills the process at number `kill_at`."""

    def __init__(self, *, kill_at=None, report_to=None):
        self.count = 0
        self.kill_at = kill_at
        self.report_to = report_to

    def __call__(self, label):
        self.count += 1
        if self.report_to is not None:
            self.report_to.append(label)
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def _around_statements(visit):
    def wrapper(execute, sql, params, many, context):
        label = " ".join(str(sql).split())[:60]
        with _visited(label, visit):
            return execute(sql, params, many, context)

    return wrapper


def _surround(owner, name, label_of, visit):
    original = getattr(owner, name)

    def surrounded(*args, **kwargs):
        with _visited(label_of(*args), visit):
            return original(*args, **kwargs)

    setattr(owner, name, surrounded)


@contextmanager
def _visited(label, visit):
    visit(f"before {label}")
    yield
    visit(f"after {label}")
