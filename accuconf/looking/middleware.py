"""Whose place staff take, on which pages, and what they cannot do there."""

from allauth.core.exceptions import ReauthenticationRequired
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.actors import OnlyInPerson
from accuconf.looking.look import look_of
from accuconf.looking.refusals import refuse_change, refuse_what_is_theirs
from accuconf.middleware import is_for_customers

#: The pages of looking itself.
OWN = {"look_allow", "look_stop"}
#: What staff who look may still do for themselves below /customer/.
FOR_THEMSELVES = {"account_logout"}
READS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class LookingMiddleware:
    """Gives each request `looking`, and `staff` where they take the customer's place.

    That is so on the customers' pages only: there `user` is the customer. A page about signing in,
    and one's own profile, belong to the person alone, so they are closed while looking. Whether the
    look still stands is asked anew each time.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.staff = None
        request.looking = look_of(request.session, request.user, now=timezone.now())
        if request.looking is not None and _is_seen_by_customers(request.path_info):
            request.staff, request.user = request.looking.staff, request.looking.person
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.looking is None or request.resolver_match.view_name in OWN | FOR_THEMSELVES:
            return None
        if request.staff is None:
            is_theirs_alone = request.path_info.startswith("/customer/")
            return refuse_what_is_theirs(request) if is_theirs_alone else None
        if request.looking.is_read_only and request.method not in READS:
            return refuse_change(request)
        return None

    def process_exception(self, request, exception):
        """Where a page asks the customer to prove who they are, staff cannot do it for them."""
        if request.staff and isinstance(exception, OnlyInPerson | ReauthenticationRequired):
            return refuse_what_is_theirs(request)
        return None


def _is_seen_by_customers(path):
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return is_for_customers(match) or match.view_name in OWN
