"""Changing a conference, which those with Full Rights on it do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile, fingerprint
from accounts.models import AuditEntry
from accounts.services.audit import label_of, record_difference
from conferences.models import Conference

#: What customers change themselves; all else the operator does.
EDITABLE = [
    "name", "billing_code", "records_automatically", "plays_entry_tones", "announces_names",
    "mutes_on_entry", "waits_for_moderator",
]  # fmt: skip
CHANGED = "changed"


def editable(conference: Conference) -> dict[str, Any]:
    """Return what customers may change of `conference`."""
    return {name: getattr(conference, name) for name in EDITABLE}


@transaction.atomic
def update_conference(
    conference: Conference, *, changes: Mapping[str, Any], seen: str, by: Actor, now: dt.datetime
) -> AuditEntry | None:
    """Change what `changes` names of the editable.

    `seen` is the fingerprint of what the page showed. Returns what was written down: None where
    the conference is so already, whatever was seen.

    Raises ChangedMeanwhile.
    """
    conference = Conference.objects.select_for_update(no_key=True).get(pk=conference.pk)
    before = editable(conference)
    if before | changes == before:
        return None
    if fingerprint(before) != seen:
        raise ChangedMeanwhile(f"{conference}")
    for name in EDITABLE:
        setattr(conference, name, changes.get(name, before[name]))
    conference.save(update_fields=EDITABLE)
    return record_difference(
        CHANGED,
        conference,
        by=by,
        now=now,
        account=conference.account,
        before=before,
        after=editable(conference),
    )


def last_change(conference: Conference) -> AuditEntry | None:
    """Return who last changed the conference itself, and when, from the audit log.

    Its number is found, which is never changed, whatever it was called then.
    """
    kind = label_of(conference).removesuffix(str(conference))
    entries = conference.account.audit_entries.filter(verb=CHANGED, subject__startswith=kind)
    return entries.filter(subject__endswith=f"({conference.number})").first()
