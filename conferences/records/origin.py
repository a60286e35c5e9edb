"""What a file of call records cannot tell of itself: which bridge wrote it, and how it was set."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class MasterRows:
    """How a bridge writes its Master.csv, as its cdr.conf says.

    `columns` counts them (16-21); where 17 or 20 leave open which one was added, `has_unique_id`
    tells. `zone` is what the times are in: UTC with `usegmtime`, else the server's own. Rows whose
    context is `context` are callers of conferences. `has_no_pairs` is the word of whoever runs the
    bridge that `ignorestatechanges` is on.
    """

    columns: int
    zone: ZoneInfo
    context: str
    has_no_pairs: bool
    has_unique_id: bool = True


@dataclass(frozen=True, slots=True)
class Origin:
    """Where files come from: the bridge by the name that its legs shall bear, empty if unknown."""

    bridge: str = ""
    master: MasterRows | None = None


UNKNOWN = Origin()
