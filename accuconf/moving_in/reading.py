"""The machine that reads JSON objects into entries, and names the place of whatever is wrong.

An entry is a dataclass whose every field says by `reads`, `holds` or `holds_many` how it is read
(see entries.py); a field with a default may be left out.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field
from typing import Any


class NotAccepted(ValueError):
    """A value of the file is not what its field takes; the message ends a sentence that names it.

    It never quotes the value, which may be a secret.
    """


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence about one place in the file: why it is refused, or how it differs."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def reads(reader: Callable[[Any], Any], *, null: bool = False, **options: Any) -> Any:
    """Declare a field of an entry that `reader` turns from JSON into a checked value."""

    def read_one(value, where, notes):
        return reader(value)

    return field(metadata={"read": read_one, "null": null}, **options)


def holds(kind: type, *, null: bool = False, **options: Any) -> Any:
    """Declare a field of an entry that is an entry of `kind` itself."""

    def read_one(value, where, notes):
        return read(kind, value, where, notes)

    return field(metadata={"read": read_one, "null": null}, **options)


def holds_many(kind: type, **options: Any) -> Any:
    """Declare a field of an entry that is a list of entries of `kind`."""

    def read_all(values, where, notes):
        if not isinstance(values, list):
            raise NotAccepted("must be a list")
        return tuple(
            read(kind, value, f"{where}[{index}]", notes) for index, value in enumerate(values)
        )

    return field(metadata={"read": read_all, "null": False}, **options)


def read(kind: type, data: Any, where: str, notes: list[Note]) -> Any:
    """Return an entry of `kind` read from the JSON value `data`, which stands at `where`.

    Where any of it is refused, every reason is added to `notes` and the answer is None.
    """
    if not isinstance(data, dict):
        notes.append(Note(where, "must be an object"))
        return None
    before = len(notes)
    declared = {field.name: field for field in dataclasses.fields(kind)}
    for name in sorted(data.keys() - declared.keys()):
        notes.append(Note(where, f"has a field that is not known here: {name[:40]!a}"))
    values = {
        name: _read_field(field, data.get(name, MISSING), f"{where}.{name}", notes)
        for name, field in declared.items()
    }
    return kind(**values) if len(notes) == before else None


def _read_field(field, value, where, notes):
    if value is MISSING and field.default is not MISSING:
        return field.default
    if value is MISSING and field.default_factory is not MISSING:
        return field.default_factory()
    if value is None and field.metadata["null"]:
        return None
    try:
        if value is MISSING:
            raise NotAccepted("is missing")
        return field.metadata["read"](value, where, notes)
    except NotAccepted as error:
        notes.append(Note(where, str(error)))
        return None
