"""What a file of call records cannot tell of itself: which bridge wrote it, and how it was set."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from accounts import time_zones

_SECTION = re.compile(r"\[([^]]+)\]")


class SettingsMissing(Exception):
    """A bridge's cdr.conf does not say enough to read its Master.csv; the text says what."""


@dataclass(frozen=True, slots=True)
class MasterRows:
    """How a bridge writes its Master.csv.

    The times are in `zone`. Rows whose context is `context` are callers of conferences.
    """

    has_pairs: bool
    has_unique_id: bool
    has_user_field: bool
    has_new_columns: bool
    zone: str
    context: str

    @property
    def columns(self) -> int:
        """How many columns a row has: 16 to 21."""
        return 16 + self.has_unique_id + self.has_user_field + 3 * self.has_new_columns


@dataclass(frozen=True, slots=True)
class Origin:
    """Where files come from: the bridge by the name that its legs shall bear, empty if unknown."""

    bridge: str = ""
    master: MasterRows | None = None


UNKNOWN = Origin()


def master_rows(cdr_conf: str) -> MasterRows:
    """Read from the text of a bridge's cdr.conf how it writes its Master.csv.

    A section of ours, `[accuconf]`, says what Asterisk's own do not: `context`, and `zone` where
    `usegmtime` is not on. Raises SettingsMissing.
    """
    told = _sections(cdr_conf)
    ours, csv = told["accuconf"], told["csv"]
    zone = "UTC" if _is_on(csv["usegmtime"]) else ours["zone"]
    if not ours["context"]:
        raise SettingsMissing("[accuconf] must name the context in which callers are received.")
    if zone not in time_zones.names():
        raise SettingsMissing("[csv] needs usegmtime=yes, or [accuconf] a zone, as Europe/Berlin.")
    return MasterRows(
        has_pairs=not _is_on(told["general"]["ignorestatechanges"]),
        has_unique_id=_is_on(csv["loguniqueid"]),
        has_user_field=_is_on(csv["loguserfield"]),
        has_new_columns=_is_on(csv["newcdrcolumns"]),
        zone=zone,
        context=ours["context"],
    )


def _sections(text: str) -> defaultdict[str, defaultdict[str, str]]:
    """Read `name=value` or `name => value` below `[section]`; a semicolon begins a comment."""
    told = defaultdict(lambda: defaultdict(str))
    section = ""
    for line in text.splitlines():
        words = line.partition(";")[0].strip()
        if heading := _SECTION.match(words):
            section = heading[1].strip().lower()
        name, is_set, value = words.partition("=")
        if is_set:
            told[section][name.strip().lower()] = value.removeprefix(">").strip()
    return told


def _is_on(value: str) -> bool:
    """Tell whether Asterisk takes the value for true (ast_true in main/utils.c)."""
    return value.lower() in ("yes", "true", "y", "t", "1", "on")
