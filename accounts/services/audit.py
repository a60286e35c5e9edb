"""Writing the audit log, which everyone's changes go into, in the transaction that makes them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models

from accounts.actors import Actor
from accounts.models import Account, AuditEntry


def record(
    verb: str, subject: models.Model | str, *, by: Actor, now: dt.datetime, **circumstances: Any
) -> AuditEntry:
    """Write to the audit log that somebody did `verb` (past tense) to `subject`, and return that.

    The circumstances are those of `audit_entry`.
    """
    entry = audit_entry(verb, subject, by=by, now=now, **circumstances)
    entry.save(force_insert=True)
    return entry


def audit_entry(
    verb: str,
    subject: models.Model | str,
    *,
    by: Actor,
    now: dt.datetime,
    account: Account | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Make one line of the audit log, not saved yet: for those who write many at once.

    `account` is the customer whose log shows it. `before` and `after` hold what changed, by name;
    never a secret.
    """
    return AuditEntry(
        at=now,
        account=account,
        actor=by.user,
        actor_label=str(by)[:254],
        on_behalf_of=by.on_behalf_of,
        verb=verb,
        subject=label_of(subject)[:200],
        before=_plain(before or {}),
        after=_plain(after or {}),
        from_address=by.from_address,
    )


def record_difference(
    verb: str,
    subject: models.Model | str,
    *,
    by: Actor,
    now: dt.datetime,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    account: Account | None = None,
) -> AuditEntry | None:
    """Write down only what differs between `before` and `after`; None where nothing does."""
    changed = [name for name in after if before.get(name) != after[name]]
    if not changed:
        return None
    return record(
        verb,
        subject,
        by=by,
        now=now,
        account=account,
        before={name: before.get(name) for name in changed},
        after={name: after[name] for name in changed},
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
