"""Every address that the URLconf knows, those of all includes too."""

import inspect
import re
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

APPS = ("accounts.", "users.", "conferences.", "billing.", "accuconf.")


@dataclass(frozen=True)
class Address:
    """One address: its full name, its path as the URLconf writes it, and its pattern."""

    name: str
    path: str
    pattern: URLPattern

    @property
    def namespace(self):
        return self.name.partition(":")[0] if ":" in self.name else ""

    @property
    def arguments(self):
        """The names of what the path leaves open, in order."""
        return re.findall(r"<(?:\w+:)?(\w+)>", self.path)

    @property
    def module(self):
        """The module in which its view is written, whatever wraps it."""
        return inspect.unwrap(self.pattern.callback).__module__

    @property
    def is_ours(self):
        """Whether its view is one that we wrote."""
        return self.module.startswith(APPS)


def addresses(resolver=None, path="", namespace=""):
    """Yield every address."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = path + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, here, inner)
        elif isinstance(entry, URLPattern):
            yield Address(f"{namespace}{entry.name or here}", here, entry)
