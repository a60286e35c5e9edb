"""Asking the portal as each visitor, and what is wrong with what it answers."""

import re
import unicodedata

from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from tests.access.answers import METHODS, answer_of, expected
from tests.access.table import ROUTES
from tests.access.targets import targets
from tests.access.visitors import everybody
from tests.access.world import REMOVED_CANARY


def ask(client, method, url, data=None):
    """Ask, undoing whatever it did, and with no limit on tries used up."""
    cache.clear()
    cookies = client.cookies.copy()
    with transaction.atomic():
        send = getattr(client, method.lower())
        response = send(url, data) if data is not None else send(url)
        response.body = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def wrong_answers(world, name, *, methods=METHODS, visitors=None):
    """Yield ((method, visitor, thing), what is wrong) of one address, for everybody or `visitors`.

    Who only wants to know whether there is any stops at the first.
    """
    route = ROUTES[name]
    for visitor in everybody(world, visitors).values():
        client = visitor.client()
        for target in targets(world, route.thing):
            url = reverse(name, args=target.arguments)
            for method in methods:
                response = ask(client, method, url)
                wanted = expected(route, method, visitor, target)
                if found := difference(response, wanted, visitor, route):
                    yield (method, visitor.name, target.name), found


def who_is_not_asked_again(world, name):
    """List the methods by which an admin who did not prove lately who they are gets through."""
    route = ROUTES[name]
    client = everybody(world, ["admin"])["admin"].client(has_just_proved=False)
    (target, *_) = targets(world, route.thing)
    url = reverse(name, args=target.arguments)
    return [method for method in route.asks_again if not _leads_to_proof(client, method, url)]


def _leads_to_proof(client, method, url):
    response = ask(client, method, url)
    if response.get("Location") == url:  # asked anew, so that nothing typed is kept meanwhile
        response = ask(client, "GET", url)
    return answer_of(response) == "again"


def difference(response, wanted, visitor, route):
    """Say how the response is not what it should be; "" where it is."""
    answer = answer_of(response)
    if answer == "back office" and wanted == "done":
        answer = "done"  # the start page of the staff
    if answer != wanted:
        return f"{answer} instead of {wanted}"
    shown = text_of(response)
    forbidden = set(visitor.words_never_seen) - ({REMOVED_CANARY} if route.names_removed else set())
    leaks = [word for word in sorted(forbidden) if word.casefold() in shown]
    return f"shows {', '.join(leaks)}" if leaks else ""


def text_of(response):
    """Return everything that came back, headers too, in small letters."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    body = response.body.decode(errors="replace")
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", f"{headers}\n{body}")).casefold()
