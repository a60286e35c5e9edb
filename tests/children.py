"""Work in forked child processes: to be raced against each other, or killed half-way."""

import os
import signal
import traceback
from functools import cache

from django.conf import settings
from django.db import connections
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext

from billing.gateway import gateway

#: Seconds after which a child that hangs, in a lock perhaps, is ended by a signal.
LONGEST = 300


def fork(work):
    """Run `work()` in a child with database connections of its own; return its process id."""
    _load_what_children_need()
    connections.close_all()
    gateway().close()  # two who read from one socket wait for each other's answers
    pid = os.fork()
    if pid:
        return pid
    signal.alarm(LONGEST)
    try:
        work()
    except BaseException:  # the child must never go on as pytest
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def wait(pid):
    """Return the child's exit code; minus the signal's number where one killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run_together(*works):
    """Run all `works` at once, each in a child; fail if one fails."""
    pids = [fork(work) for work in works]
    assert [wait(pid) for pid in pids] == [0] * len(pids)


@cache
def _load_what_children_need():
    """Load here, once, what each child would take half a second to load for itself."""
    reverse("billing:bill_pay", args=[1])
    gettext("Bill")
    for folder in (settings.BASE_DIR / "templates").glob("*/mail"):
        for file in folder.iterdir():
            get_template(file.relative_to(settings.BASE_DIR / "templates").as_posix())
