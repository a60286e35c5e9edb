"""Leading one file in: what is right and new is stored, what is there is left, the rest is named.

An account comes in whole or not at all. What the portal holds already is never changed by a file:
after moving in, the portal is where customers and staff change things, and a PIN removed there
must not come back.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import IntegrityError

from accuconf.moving_in import stored
from accuconf.moving_in.kinds import Accounts, DialInNumbers, RatePlans
from accuconf.moving_in.reading import Note, read
from accuconf.moving_in.rules import Claims

Kind = RatePlans | DialInNumbers | Accounts
#: An entry that could be read, and where it stands in the file.
Row = tuple[str, Any]

LISTS = ("rate_plans", "dial_in_numbers", "accounts")
#: How many rows are looked up and stored together.
TOGETHER = 200
COLLIDED = "was stored by somebody else at the same moment; import the file once more"


class NotOurFormat(ValueError):
    """The file as a whole cannot be read; the message is a sentence for the operator."""


@dataclass
class Report:
    """What became of the rows of one file: how many of each list, and the sentences about them."""

    taken_in: Counter[str] = field(default_factory=Counter)
    there_already: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    refusals: list[Note] = field(default_factory=list)
    differences: list[Note] = field(default_factory=list)

    def refuse(self, list_name: str, notes: Iterable[Note]) -> None:
        self.refused[list_name] += 1
        self.refusals.extend(notes)


def document_of(content: bytes) -> dict[str, Any]:
    """Return the JSON object that `content` is. Raises NotOurFormat."""
    try:
        document = json.loads(
            content, object_pairs_hook=_object_of, parse_constant=_refuse_constant
        )
    except NotOurFormat:
        raise
    except (ValueError, RecursionError) as error:
        raise NotOurFormat(f"This is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise NotOurFormat(f"The file must be one object with {', '.join(LISTS)}.")
    return document


def take_in(
    document: dict[str, Any],
    *,
    now: dt.datetime,
    progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> Report:
    """Store what `document` holds and the portal does not, and report on every row.

    `progress` is wrapped around the list of accounts while they are gone through.
    """
    report, claims = Report(), Claims()
    lists = _lists_of(document, report)
    for kind, through in ((RatePlans, iter), (DialInNumbers, iter), (Accounts, progress)):
        rows = lists[kind.list_name]
        _take_list(kind(), through(rows), report, claims, now=now)
    return report


def _object_of(pairs):
    keys = Counter(key for key, _ in pairs)
    if twice := [key for key, count in keys.items() if count > 1]:
        raise NotOurFormat(f"One object of the file names {twice[0][:40]!a} twice.")
    return dict(pairs)


def _refuse_constant(name):
    raise NotOurFormat(f"This is not JSON: {name} is no value of it.")


def _lists_of(document, report):
    for name in sorted(document.keys() - set(LISTS)):
        report.refuse(
            "other fields", [Note("the file", f"has a field that is not known here: {name[:40]!a}")]
        )
    lists = {}
    for name in LISTS:
        lists[name] = document.get(name, [])
        if not isinstance(lists[name], list):
            report.refuse(name, [Note(name, "must be a list")])
            lists[name] = []
    return lists


def _take_list(kind: Kind, rows: Iterable[Any], report: Report, claims: Claims, *, now):
    numbered = enumerate(rows)
    while batch := list(islice(numbered, TOGETHER)):
        readable = list(_readable(kind, batch, report))
        fresh = _not_there_yet(kind, readable, report, claims)
        _store(kind, list(_in_order(kind, fresh, report, claims, now=now)), report, now=now)


def _readable(kind: Kind, batch, report: Report) -> Iterator[Row]:
    for index, data in batch:
        where, notes = f"{kind.list_name}[{index}]", []
        entry = read(kind.entry, data, where, notes)
        if notes:
            report.refuse(kind.list_name, notes)
        else:
            yield where, entry


def _not_there_yet(kind: Kind, rows: list[Row], report: Report, claims: Claims) -> list[Row]:
    """Return the rows that are new; the others are reported as there or as named twice."""
    there = kind.there({getattr(entry, kind.identity) for _, entry in rows})
    fresh = []
    for where, entry in rows:
        name = getattr(entry, kind.identity)
        place = f"{where}.{kind.identity}"
        if twice := list(claims.broken_by([(kind.list_name, name, place)])):
            report.refuse(kind.list_name, twice)
        elif name in there:
            report.there_already[kind.list_name] += 1
            report.differences.extend(stored.differences(entry, there[name], where))
        else:
            fresh.append((where, entry))
    return fresh


def _in_order(kind: Kind, rows: list[Row], report: Report, claims: Claims, *, now) -> Iterator[Row]:
    """Yield the rows with which nothing is wrong; the others are reported as refused."""
    used = {where: list(kind.used_once(entry, where)) for where, entry in rows}
    taken = stored.taken_among(use for uses in used.values() for use in uses)
    for where, entry in rows:
        notes = [
            *kind.broken(entry, where, now=now),
            *claims.broken_by(used[where]),
            *stored.notes_on_taken(used[where], taken),
        ]
        if notes:
            report.refuse(kind.list_name, notes)
        else:
            yield where, entry


def _store(kind: Kind, rows: list[Row], report: Report, *, now):
    """Store `rows` together; where others stored some meanwhile, each by itself."""
    try:
        kind.write([entry for _, entry in rows], now=now)
    except IntegrityError:
        if len(rows) == 1:
            report.refuse(kind.list_name, [Note(rows[0][0], COLLIDED)])
            return
        for row in rows:
            _store(kind, [row], report, now=now)
    else:
        report.taken_in[kind.list_name] += len(rows)
