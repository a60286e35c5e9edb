"""What each visitor should be answered, and what they were."""

from urllib.parse import urlsplit

from django.urls import reverse

from tests.access.table import METHODS, SIGNED_IN

__all__ = ["METHODS", "answer_of", "expected"]

#: Where a redirect leads, by the name of the gate or of the page.
LEADS = {
    "account_login": "sign in",
    "admin:login": "sign in",
    "account_first_sign_in": "first sign-in",
    "mfa_index": "second factor",
    "admin:index": "back office",
    "account_reauthenticate": "again",
}
READS = {"GET", "HEAD", "OPTIONS"}
#: Things on which it depends what is ticked on their conference.
OF_A_CONFERENCE = {
    "PIN", "call", "conference", "invitation", "live call", "live caller", "recording",
}  # fmt: skip


def expected(route, method, visitor, target):
    """Return the answer that the law gives, calculated without the portal's own policy."""
    return before_the_page(route, method, visitor) or on_the_page(route, method, visitor, target)


def before_the_page(route, method, visitor):
    """Return what keeps the visitor from the page whatever it is about; "" where nothing does."""
    if visitor.gate == "sign in" and route.to_strangers is not None:
        return route.to_strangers.get(method, "405")
    if is_held(visitor, route):
        return visitor.gate
    if route.is_for_lookers_only and not visitor.looks_as:
        return "404"
    if visitor.looks_as and is_closed_to_lookers(route, method):
        return "403"
    return "" if method in route.methods else "405"


def on_the_page(route, method, visitor, target):
    """Return what the law says of the thing, and of what is to be done there."""
    rule = route.methods[method]
    if not sees(route, visitor, target):
        return "404"
    if not may(rule.may, route, visitor, target):
        return "403"
    if visitor.looks_as and rule.again:
        return "403"
    return route.at_gate.get(visitor.gate, rule.answer)


def is_held(visitor, route):
    """Tell whether the visitor's gate is before this address."""
    if visitor.gate == "back office":
        return not route.is_own
    return bool(visitor.gate) and visitor.gate not in route.is_open_at


def is_closed_to_lookers(route, method):
    """Tell whether staff who look as a customer are kept out: read-only, and never what is own."""
    if route.is_for_lookers_only or route.is_for_lookers_too:
        return False
    return route.is_own or method not in READS


def sees(route, visitor, target):
    """Tell whether the thing that the address names exists for the visitor."""
    if route.thing is None or route.thing in {"token", "link", "provider"}:
        return True
    return target.owner == visitor.account and may(route.sees, route, visitor, target)


def may(permission, route, visitor, target):
    if permission is SIGNED_IN:
        return True
    if route.thing in OF_A_CONFERENCE:
        return visitor.may_on(permission.format(kind=target.kind), ticked=target.is_ticked)
    return visitor.may(permission)


def answer_of(response):
    """Name what came back: a page, done, where it leads, or the status.

    To be led to one's own start page is to be done.
    """
    if response.status_code in {200, 202}:
        return "page"
    if response.status_code not in {301, 302, 303}:
        return str(response.status_code)
    path = urlsplit(response["Location"]).path
    return next((lead for name, lead in LEADS.items() if path == reverse(name)), "done")
