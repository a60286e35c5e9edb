"""What a file of call records cannot tell of itself: which bridge wrote it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where files come from: the bridge by the name that its legs shall bear, empty if unknown."""

    bridge: str = ""


UNKNOWN = Origin()
