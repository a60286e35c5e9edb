"""Queueing letters, in the transaction that makes what they tell."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models

from accounts.letters import WRITERS, written
from accounts.models import Account, Letter
from accounts.services.post import send_due


class UnknownKind(LookupError):
    """No app has registered how to write letters of this kind: a typing error."""


def queue_letter(
    kind: str,
    *,
    to: str,
    key: str,
    now: dt.datetime,
    account: Account | None = None,
    user: models.Model | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Queue a letter of `kind` to the address `to`, once for each `key`.

    `user` is whom it speaks to or of; `facts` are what it tells, plain enough for JSON and never
    a secret. Raises UnknownKind.
    """
    if kind not in WRITERS:
        raise UnknownKind(kind)
    letter = Letter(
        key=f"{kind}:{key}"[:200],
        kind=kind,
        email=to,
        message_id=message_id(uuid.uuid4()),
        account=account,
        user=user,
        facts=dict(facts or {}),
        queued_at=now,
        next_try_at=now,
    )
    Letter.objects.bulk_create([letter], ignore_conflicts=True)


def tell(
    reader: models.Model,
    kind: str,
    *,
    key: object,
    now: dt.datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Queue a letter of `kind` to a person's own address, once for each `key`."""
    queue_letter(
        kind,
        to=reader.email,
        key=str(key),
        now=now,
        account=reader.account,
        user=reader,
        facts=facts,
    )


def tell_admins(
    account: Account, kind: str, *, key: object, now: dt.datetime, facts: Mapping[str, Any]
) -> None:
    """Queue a letter of `kind` to every active Admin of the account, once for each `key`."""
    for admin in account.users.active_admins():
        tell(admin, kind, key=f"{key}:{admin.pk}", now=now, facts=facts)


def message_id(unique: uuid.UUID) -> str:
    """Return the Message-ID of a letter, by which mail programs know it again."""
    return f"<{unique}@{urlsplit(settings.PORTAL_URL).hostname}>"


def send_due_letters(*, now: dt.datetime) -> Iterator[Letter]:
    """Send the letters that are due; yield each as it then stands."""
    return send_due(Letter.objects.select_related("account", "user"), write=written, now=now)
