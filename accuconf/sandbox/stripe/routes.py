"""What a route of the API is, and what its action is given."""

import re
from dataclasses import dataclass, field
from typing import Any

PAGING = "limit starting_after ending_before"


@dataclass(frozen=True)
class Call:
    """One API call that passed every check: its typed parameters and who makes it."""

    method: str
    path: str
    ident: str | None
    given: dict[str, Any]
    from_browser: bool
    request_id: str
    idempotency_key: str | None


@dataclass(frozen=True)
class Route:
    """One route: `action(world, call)` answers it with an object, or raises Refused.

    `params` names the class in `stripe.params` that says what may be sent; of that the stand-in
    plays `plays`. A browser with a publishable key may call it when `browser` is given, the
    TypedDict of what Stripe.js sends or the name of one in `stripe.params`.
    """

    method: str
    path: str
    action: Any
    params: str
    plays: str = ""
    browser: type | str | None = None
    _pattern: re.Pattern = field(init=False, repr=False)

    def __post_init__(self):
        pattern = re.compile(self.path.replace("{id}", "(?P<id>[^/]+)"))
        object.__setattr__(self, "_pattern", pattern)

    def match(self, method, path):
        """Return the regex match of a call to this route, or None."""
        return self._pattern.fullmatch(path) if self.method == method else None
