"""Two people editing the same thing at once: the second is told, and overwrites nothing unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


class ChangedMeanwhile(Exception):
    """Somebody else changed it since the page was opened that this change comes from."""


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return what stands for `values` on a page, and differs as soon as one of them does."""
    written = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()
