"""How an update call changes an object: "" clears a field, metadata is merged name by name."""


def change(thing, given):
    """Set the fields of `thing` to the parameters `given`, and return those changed, as they were.

    An object within (an address) is changed field by field, as metadata is.
    """
    previous = {}
    for name, value in given.items():
        if name == "expand":
            continue
        changed = _changed(thing[name], value, erase=name == "metadata")
        if changed != thing[name]:
            previous[name] = thing[name]
            thing[name] = changed
    return previous


def _changed(current, value, *, erase):
    """Return the new value; cleared names within are taken out if `erase`, else set to None."""
    if value == "":
        return {} if erase else None
    if not isinstance(value, dict):
        return value
    merged = {**(current or {}), **{name: part or None for name, part in value.items()}}
    if erase:
        return {name: part for name, part in merged.items() if part is not None}
    return merged
