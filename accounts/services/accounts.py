"""Changing an account, which its own Admins do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile, fingerprint
from accounts.models import Account, AuditEntry
from accounts.services.audit import label_of, record_difference
from accounts.services.letters import tell_admins

#: What customers change themselves; all else the operator does.
EDITABLE = [
    "address_line1", "address_line2", "city", "region", "postal_code", "country", "phone",
    "time_zone",
]  # fmt: skip
CHANGED = "changed"


def editable(account: Account) -> dict[str, str]:
    """Return what customers may change of `account`, as plain texts."""
    return {name: str(getattr(account, name) or "") for name in EDITABLE}


def shown(account: Account, name: str) -> str:
    """Return one of these as people read it."""
    value = getattr(account, name)
    if name == "country":
        return str(value.name)
    return value.as_international if name == "phone" and value else str(value or "")


@transaction.atomic
def update_account(
    account: Account, *, changes: Mapping[str, str], seen: str, by: Actor, now: dt.datetime
) -> AuditEntry | None:
    """Change what `changes` names of the editable, and tell every Admin by letter.

    `seen` is the fingerprint of what the page showed. Returns what was written down: None where
    the account is so already, whatever was seen.

    Raises ChangedMeanwhile.
    """
    account = Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    before = editable(account)
    if before | changes == before:
        return None
    if fingerprint(before) != seen:
        raise ChangedMeanwhile(f"{account}")
    words_before = {name: shown(account, name) for name in EDITABLE}
    for name in EDITABLE:
        setattr(account, name, changes.get(name, before[name]))
    account.save(update_fields=EDITABLE)
    entry = record_difference(
        CHANGED, account, by=by, now=now, account=account, before=before, after=editable(account)
    )
    differences = [[name, words_before[name], shown(account, name)] for name in entry.after]
    tell_admins(
        account,
        "account_changed",
        key=entry.pk,
        now=now,
        facts={"by": str(by), "differences": differences},
    )
    return entry


def last_change(account: Account) -> AuditEntry | None:
    """Return who last changed the account itself, and when, from the audit log."""
    return account.audit_entries.filter(verb=CHANGED, subject=label_of(account)).first()
