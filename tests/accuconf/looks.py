"""Looking at the portal as a customer, and what the log tells of it."""

import re

from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.urls import URLResolver, get_resolver, reverse

from accounts.models import AuditEntry


def customer_routes(resolver=None, path=""):
    """List (name, a path) of every address below /customer/, its arguments filled in."""
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        here = path + str(entry.pattern).strip("^$")
        if isinstance(entry, URLResolver):
            found += customer_routes(entry, here)
        elif here.startswith("customer/"):
            filled = re.sub(r"<(call|caller)_order:\w+>", "mute", here)
            filled = filled.replace("/live/mute/", "/live/lock/")
            found.append((entry.name, "/" + re.sub(r"<[^>]*>|\(\?P<\w+>[^)]*\)", "1", filled)))
    return found


def start(client, person):
    return client.post(reverse("look_start", args=[person.pk]))


def keep(client, **values):
    """Write `values` into the session of `client`."""
    session = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    session.update(values)
    session.save()


def log(**query):
    entries = AuditEntry.objects.filter(**query).order_by("pk")
    return [(entry.actor_label, entry.verb, entry.subject) for entry in entries]
