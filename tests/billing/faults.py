"""What can go wrong while something is done: each fault does the work it is given, and spoils it.

Every fault draws what it needs from the run's own dice first, so that the seed alone tells what
happens. Work is done in children; they count as crashed where a signal ended them.
"""

import errno
import json
import os
import signal
from contextlib import suppress

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import connection
from psycopg.pq import TransactionStatus

from accounts.tasks import send_letters
from accuconf.celery import app
from accuconf.sandbox import inbox
from billing import tasks
from tests import kill_points
from tests.children import fork, wait

CREATE, CONFIRM, CANCEL = "^/v1/payment_intents$", "/confirm$", "/cancel$"
REFUND = "^/v1/refunds"
#: Where Stripe is asked on the way to the money, the more often the more is at stake.
CALLS = [
    *[("POST", CONFIRM)] * 4, *[("POST", CREATE)] * 2, ("POST", CANCEL),
    ("GET", "^/v1/payment_intents/"), *[("POST", REFUND)] * 2, ("GET", REFUND),
]  # fmt: skip
#: Stripe's library asks three times by itself.
TIMES = (1, 3, 3)
KILLED = -signal.SIGKILL
MESSAGES = [
    tasks.bill_closed_months, tasks.issue_bills, tasks.make_documents, tasks.send_bills,
    tasks.collect_due, tasks.work_events, send_letters,
]  # fmt: skip


class ChildFailed(Exception):
    """What a child did ended in an error that nobody foresaw; its own output tells which."""


def in_child(work, *, prepare=lambda: None, codes=(0,)):
    """Do `work` in a child, once `prepare` has spoilt that child's world; return its exit code."""

    def prepared():
        prepare()
        work()

    return ended(fork(prepared), codes=codes)


def answer_of_child(work):
    """Do `work` in a child, and return what it returned: plain enough for JSON."""
    reading, writing = os.pipe()
    with open(reading) as told, open(writing, "w") as telling:
        in_child(lambda: print(json.dumps(work()), file=telling, flush=True))
        telling.close()
        return json.load(told)


def ended(pid, *, codes=(0,)):
    """Wait for a child and return its exit code. Raises ChildFailed where it is none of `codes`."""
    code = wait(pid)
    if code not in codes:
        raise ChildFailed(f"a child ended with {code}")
    return code


def nothing(run, work):
    in_child(work)


def kill(run, work):
    """The process dies somewhere on its way, or, where it has fewer points, does not."""
    point = int(10 ** run.dice.uniform(0, 2.7))
    run.note(f"  killed at point {point}")
    code = in_child(
        work,
        prepare=lambda: kill_points.install(kill_points.Counter(kill_at=point)),
        codes=(0, KILLED),
    )
    run.crashes += code == KILLED


def _at_stripe(action, **more):
    def fault_at_stripe(run, work):
        method, path = run.dice.choice(CALLS)
        times = run.dice.choice(TIMES)
        run.note(f"  {action} {more or ''}: {method} {path}, {times} times")
        run.standin.fault(method, path, action, times=times, **more)
        in_child(work)
        run.standin.clear_faults()

    return fault_at_stripe


lost_request = _at_stripe("drop_before")
lost_answer = _at_stripe("drop_after")
conflict = _at_stripe("status", status=409, code="idempotency_key_in_use")
error_before = _at_stripe("status", status=500)
error_after = _at_stripe("status_after", status=500)


def mail_down(run, work):
    closed = inbox.free_port()
    in_child(work, prepare=lambda: setattr(settings, "EMAIL_PORT", closed))


def mail_answer_lost(run, work):
    """The mail server takes a letter and is never heard to say so: it comes again."""
    run.smtp.lose_answer()
    in_child(work)
    run.crashes += 1
    run.smtp.faults.clear()


def mail_greylisted(run, work):
    run.smtp.greylist(times=2)
    in_child(work)
    run.smtp.faults.clear()


def disk_full(run, work):
    """Half of each file is written when the disk is full."""
    save = FileSystemStorage._save

    def half(storage, name, content):
        save(storage, name, ContentFile(content.read()[: content.size // 2]))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    in_child(work, prepare=lambda: setattr(FileSystemStorage, "_save", half))


def broker_wiped(run, work):
    """The work was only asked for by message, and the broker has lost every message."""

    def ask():
        for task in MESSAGES:
            task.delay()

    in_child(ask)
    assert app.control.purge() >= len(MESSAGES)


def two_at_once(run, work):
    for pid in [fork(work) for _ in range(2)]:
        ended(pid)


def zombie(run, work):
    """A worker stops where it holds no lock, such as at Stripe's, and goes on when all is done."""
    point = int(10 ** run.dice.uniform(0, 2.3))
    run.note(f"  stopped from point {point} on")
    steps = iter(range(point))

    def stop(label):
        if next(steps, None) is None and holds_no_lock() and not stopped:
            stopped.append(label)
            os.kill(os.getpid(), signal.SIGSTOP)

    stopped = []

    def half_alive():
        kill_points.install(stop)
        work()

    pid = fork(half_alive)
    _, status = os.waitpid(pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        if os.waitstatus_to_exitcode(status):
            raise ChildFailed("a worker that was never stopped failed")
        return
    run.note("  it did stop")
    run.crashes += 1
    in_child(work)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
    ended(pid)


def holds_no_lock():
    """Tell whether no transaction is open; before a COMMIT, Django says so too early."""
    open_one = connection.connection
    return open_one is None or open_one.info.transaction_status == TransactionStatus.IDLE


FAULTS = [
    kill, kill, kill, lost_request, lost_answer, conflict, error_before, error_after, mail_down,
    mail_answer_lost, mail_greylisted, disk_full, broker_wiped, two_at_once, two_at_once, zombie,
    zombie,
]  # fmt: skip
