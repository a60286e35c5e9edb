"""Work in forked child processes: to be raced against each other, or killed half-way."""

import os
import traceback

from django.db import connections


def fork(work):
    """Run `work()` in a child with database connections of its own; return its process id."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
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
