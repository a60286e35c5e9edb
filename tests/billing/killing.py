"""Paths of money, each killed at every point in turn: what follows by itself must put it right.

A path is declared by four functions; the machinery here kills, lets follow, and looks.
"""

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from django.apps import apps
from django.db import connection

from tests import kill_points
from tests.children import fork, wait

OUR_APPS = ("accounts", "users", "conferences", "billing")
#: All declared paths: functions of Stripe's stand-in, by their names in words.
PATHS = {}


@dataclass(frozen=True)
class Path:
    """How the world stands before, what is killed, what follows by itself, what is then wrong.

    `happen` and `follow` run in children; `wrong` names each thing that is not as it ought to be.
    """

    arrange: Callable[[], object]
    happen: Callable[[], object]
    follow: Callable[[], object]
    wrong: Callable[[], list[str]]


def path(declare):
    """Take up a path, under the name of the function that declares it."""
    PATHS[declare.__name__.replace("_", " ")] = declare
    return declare


def points(path, note):
    """Let `path` happen once unharmed; return its points as (number, label).

    One for each state that a crash can leave behind: between the end of one thing and the beginning
    of the next nothing has happened. `note` is a file to write them down in.
    """

    def recorded():
        labels = []
        kill_points.install(kill_points.Counter(report_to=labels))
        path.happen()
        note.write_text(json.dumps(labels))

    path.arrange()
    assert wait(fork(recorded)) == 0
    labels = json.loads(note.read_text())
    return [
        (number, label)
        for number, label in enumerate(labels, start=1)
        if number == 1
        or not (label.startswith("before") and labels[number - 2].startswith("after"))
    ]


def sample(points, count):
    """Choose about `count` of `points`, spread over all."""
    return points[:: max(1, len(points) // count)]


def kill_at_each(path, chosen):
    """Kill `path` at each chosen point, let follow what follows; return what was then wrong."""
    return [
        f"killed {label} (point {number}): {problem}"
        for number, label in chosen
        for problem in _kill_at(path, number)
    ]


def _kill_at(path, number):
    def killed():
        kill_points.install(kill_points.Counter(kill_at=number))
        path.happen()

    path.arrange()
    codes = wait(fork(killed)), wait(fork(path.follow))
    crashed = [] if codes in {(0, 0), (-signal.SIGKILL, 0)} else [f"exit codes {codes}"]
    return crashed + path.wrong()


def torn(path):
    """Return `path` with every statement committed by itself."""

    def happen():
        _commit_every_statement()
        path.happen()

    return replace(path, happen=happen)


def _commit_every_statement():
    """Leave no transactions to this process, nor the triggers that would refuse half of one."""

    def committed(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if not context["connection"].get_autocommit():
            context["connection"].connection.commit()
        return result

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    connection.features.uses_savepoints = False
    connection.execute_wrappers.append(committed)


def unlike(**found):
    """Name each of `found`, pairs of what is and what ought to be, that differ."""
    return [
        f"{name.replace('_', ' ')}: {is_} instead of {ought}"
        for name, (is_, ought) in found.items()
        if is_ != ought
    ]


def empty_all_tables():
    """Forget every row of ours. Quicker than TRUNCATE, which makes each file of the tables anew."""
    with connection.cursor() as cursor:
        cursor.execute(_emptying())


@cache
def _emptying():
    tables = [
        model._meta.db_table
        for label in OUR_APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    deletes = "".join(f"DELETE FROM {table};" for table in tables)
    # As a replica: neither triggers that refuse changes nor the order of foreign keys matter.
    return f"BEGIN; SET LOCAL session_replication_role = replica; {deletes} COMMIT"
