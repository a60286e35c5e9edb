"""How answers look: private names taken off, `expand`ed ids replaced by what they name, pages."""

from .errors import invalid, missing

_COMPARISONS = {
    "gt": lambda created, bound: created > bound,
    "gte": lambda created, bound: created >= bound,
    "lt": lambda created, bound: created < bound,
    "lte": lambda created, bound: created <= bound,
}


def public(thing):
    """Copy `thing` as the outside world may see it: without the names that begin with `_`."""
    if isinstance(thing, dict):
        return {name: public(value) for name, value in thing.items() if not name.startswith("_")}
    if isinstance(thing, list):
        return [public(value) for value in thing]
    return thing


def expanded(world, thing, paths):
    """Copy `thing` for the outside world with the objects at `paths` in place of their ids.

    Raises Refused.
    """
    answer = public(thing)
    for path in paths:
        _expand(world, answer, path.split("."))
    return answer


def _expand(world, thing, path):
    name, *rest = path
    if name not in thing:
        raise invalid(f"This property cannot be expanded ({name}).", "expand")
    if isinstance(thing[name], str):
        named = world.get(thing[name])
        if named is None:
            raise invalid(f"This property cannot be expanded ({name}).", "expand")
        thing[name] = public(named)
    inner = thing[name] if isinstance(thing[name], list) else [thing[name]]
    for item in inner:
        if rest and item is not None:
            _expand(world, item, rest)


def page(call, things, *filters):
    """Answer a list call with a page of `things`, which come newest first.

    `filters` are the parameters that must equal the field of their name. Raises Refused.
    """
    given = call.given
    for name in filters:
        if name in given:
            things = [thing for thing in things if thing[name] == given[name]]
    if "created" in given:
        things = [thing for thing in things if _created_within(thing, given["created"])]
    limit = given.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("This value must be between 1 and 100.", "limit")
    things, more = _cut(things, given, limit)
    return {"object": "list", "url": call.path, "has_more": more, "data": things}


def _created_within(thing, wanted):
    if isinstance(wanted, int):
        return thing["created"] == wanted
    return all(_COMPARISONS[name](thing["created"], bound) for name, bound in wanted.items())


def _cut(things, given, limit):
    if "ending_before" in given:
        before = things[: _place(things, given["ending_before"], "ending_before")]
        return before[-limit:], len(before) > limit
    if "starting_after" in given:
        things = things[_place(things, given["starting_after"], "starting_after") + 1 :]
    return things[:limit], len(things) > limit


def _place(things, ident, param):
    for place, thing in enumerate(things):
        if thing["id"] == ident:
            return place
    raise missing("object", ident, param)
