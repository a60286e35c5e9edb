"""What an entry of the audit log says was changed, in the words of the pages."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import AuditEntry
from accounts.templatetags.dates import when

NOTHING = "–"


class Change(NamedTuple):
    """One thing that is different since; `before` is empty where it is new."""

    name: str
    before: str
    after: str


def changes_of(entry: AuditEntry) -> list[Change]:
    """List what `entry` changed, by the names that its forms have."""
    fields = _fields_of(entry.subject)
    return [
        Change(
            _name(name, fields.get(name)),
            _words(entry.before[name], fields.get(name)) if name in entry.before else "",
            _words(entry.after.get(name), fields.get(name)),
        )
        for name in sorted(entry.before.keys() | entry.after.keys())
    ]


def _fields_of(subject: str) -> dict[str, models.Field]:
    """Return the fields of the kind of thing that `subject` begins with; none if it is no row."""
    kinds = [kind for kind in _kinds() if subject.startswith(f"{kind} ")]
    return _kinds()[max(kinds, key=len)] if kinds else {}


@functools.cache
def _kinds() -> dict[str, dict[str, models.Field]]:
    """Return the fields of every model, by the name under which the log writes its rows."""
    return {
        capfirst(str(model._meta.verbose_name)): {field.name: field for field in model._meta.fields}
        for model in apps.get_models()
    }


def _name(name: str, field: models.Field | None) -> str:
    return capfirst(str(field.verbose_name) if field else name.replace("_", " "))


def _words(value: Any, field: models.Field | None) -> str:
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(field, models.DateTimeField) and (instant := parse_datetime(str(value))):
        return when(instant)
    return str(dict(field.flatchoices).get(value, value)) if field else str(value)
