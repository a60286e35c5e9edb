"""The portal's addresses with a page that changes something, and some that ask who one is."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpResponse
from django.urls import include, path
from django.utils import timezone

from accounts.actors import actor_of
from accounts.services.audit import record
from accuconf.urls import urlpatterns as portal


def change(request):
    by = actor_of(request)
    record("changed", "it", by=by, now=timezone.now(), account=request.user.account)
    return HttpResponse("changed")


def asks(request):
    raise_if_reauthentication_required(request, app="users")
    return change(request)


def asks_by_itself(request):
    raise ReauthenticationRequired


pages = [
    path("change/", change),
    path("asks/", asks),
    path("asks-first/", reauthentication_required(change)),
    path("asks-by-itself/", asks_by_itself),
]
urlpatterns = [*portal, path("customer/trial/", include((pages, "accounts")))]
