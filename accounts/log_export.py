"""The audit log as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import changes_of
from accounts.csv_files import csv_lines
from accounts.models import AuditEntry, AuditEntryQuerySet

#: So many entries are held at once, however many there are.
CHUNK = 1000


def log_as_csv(entries: AuditEntryQuerySet, *, zone: dt.tzinfo) -> Iterator[str]:
    """Write `entries` as CSV, line by line; times are of `zone`, with their offset."""
    head = [
        _("When"), _("Who"), _("On behalf of"), _("Did"), _("To what"), _("Before"), _("After"),
        _("From address"),
    ]  # fmt: skip
    return csv_lines(head, (_row(entry, zone) for entry in entries.iterator(chunk_size=CHUNK)))


def _row(entry: AuditEntry, zone: dt.tzinfo) -> list[str]:
    with timezone.override(zone):
        changes = changes_of(entry)
    return [
        entry.at.astimezone(zone).isoformat(sep=" ", timespec="seconds"),
        entry.who,
        str(entry.on_behalf_of or ""),
        entry.verb,
        entry.subject,
        "; ".join(f"{change.name}: {change.before}" for change in changes if change.before),
        "; ".join(f"{change.name}: {change.after}" for change in changes),
        entry.from_address or "",
    ]
