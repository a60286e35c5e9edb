"""What is done about accounts: writing the audit log, which everyone else's changes go into."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models

from accounts.models import Account, AuditEntry


def record(
    verb: str, subject: models.Model | str, *, now: dt.datetime, **circumstances: Any
) -> AuditEntry:
    """Write to the audit log that somebody did `verb` (past tense) to `subject`, and return that.

    The circumstances are those of `audit_entry`.
    """
    entry = audit_entry(verb, subject, now=now, **circumstances)
    entry.save(force_insert=True)
    return entry


def audit_entry(
    verb: str,
    subject: models.Model | str,
    *,
    now: dt.datetime,
    actor: models.Model | None = None,
    actor_label: str = "",
    account: Account | None = None,
    on_behalf_of: models.Model | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    from_address: str | None = None,
) -> AuditEntry:
    """Make one line of the audit log, not saved yet: for those who write many at once.

    `actor` is the user who did it; where nobody was signed in, `actor_label` says what did it.
    `account` is the customer whose log shows it. `before` and `after` hold what changed, by name.
    Raises TypeError where nobody is named.
    """
    if actor is None and not actor_label:
        raise TypeError("the audit log says who did it: give an actor or an actor_label")
    return AuditEntry(
        at=now,
        account=account,
        actor=actor,
        actor_label=(actor_label or str(actor))[:254],
        on_behalf_of=on_behalf_of,
        verb=verb,
        subject=label_of(subject)[:200],
        before=_plain(before or {}),
        after=_plain(after or {}),
        from_address=from_address,
    )


def label_of(subject: models.Model | str) -> str:
    """Name `subject` as the audit log does: what it is, then which."""
    if isinstance(subject, str):
        return subject
    kind = str(subject._meta.verbose_name)
    return f"{kind[:1].upper()}{kind[1:]} {subject}"


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` as JSON keeps them: what it has no form for is written out."""
    return {name: _as_json(value) for name, value in values.items()}


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    return str(value)
