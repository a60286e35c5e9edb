"""Addresses of the conferences pages."""

from django.urls import path, register_converter

from conferences import views
from conferences.bridge.control import OF_A_CALLER, Order

app_name = "conferences"


class CallOrder:
    """An order about a whole call, as an address ends with it."""

    regex = "|".join(sorted(set(Order) - OF_A_CALLER))
    to_python = Order
    to_url = str


class CallerOrder(CallOrder):
    """An order about one caller, as an address ends with it."""

    regex = "|".join(sorted(OF_A_CALLER))


register_converter(CallOrder, "call_order")
register_converter(CallerOrder, "caller_order")

manager = [
    path("conferences/", views.conference_list, name="conference_list"),
    path("conferences/<int:pk>/", views.conference_view, name="conference_view"),
    path("conferences/<int:pk>/edit/", views.conference_edit, name="conference_edit"),
]
pins = []
dates = []
calls = []
recordings = []
live = [
    path("conferences/<int:pk>/live/", views.live_view, name="live_view"),
    path("conferences/<int:pk>/live/people/", views.live_people, name="live_people"),
    path("conferences/<int:pk>/live/people/new/", views.live_call_out, name="live_call_out"),
    path("conferences/<int:pk>/live/<call_order:order>/", views.live_order, name="live_order"),
    path(
        "conferences/<int:pk>/live/people/<str:member>/<caller_order:order>/",
        views.live_order,
        name="live_caller_order",
    ),
]

urlpatterns = manager + pins + dates + calls + recordings + live
