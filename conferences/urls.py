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
calls = [
    path("conferences/<int:pk>/calls/", views.call_list, name="call_list"),
    path("conferences/<int:pk>/calls/csv/", views.call_export_csv, name="call_export_csv"),
    path("conferences/<int:pk>/calls/excel/", views.call_export_excel, name="call_export_excel"),
    path(
        "conferences/<int:conference_pk>/calls/<int:session_pk>/",
        views.call_view,
        name="call_view",
    ),
]
dates = [
    path("conferences/new/", views.conference_new, name="conference_new"),
    path("conferences/calendar/", views.calendar_view, name="calendar_view"),
    path("conferences/<int:pk>/date/", views.date_edit, name="date_edit"),
    path("conferences/<int:pk>/date/clear/", views.date_clear, name="date_clear"),
    path("conferences/<int:pk>/cancel/", views.conference_cancel, name="conference_cancel"),
    path("conferences/<int:pk>/invitations/", views.invitation_list, name="invitation_list"),
    path(
        "conferences/<int:conference_pk>/invitations/<int:invitation_pk>/send/",
        views.invitation_send,
        name="invitation_send",
    ),
    path(
        "conferences/<int:conference_pk>/invitations/<int:invitation_pk>/cancel/",
        views.invitation_cancel,
        name="invitation_cancel",
    ),
]
_PINS = "conferences/<int:conference_pk>/pins/"
pins = [
    path(f"{_PINS}add/", views.pin_add, name="pin_add"),
    path(f"{_PINS}add-many/", views.pin_add_many, name="pin_add_many"),
    path(f"{_PINS}sheet/", views.pin_sheet, name="pin_sheet"),
    path(f"{_PINS}<int:pk>/", views.pin_view, name="pin_view"),
    path(f"{_PINS}<int:pk>/reveal/", views.pin_reveal, name="pin_reveal"),
    path(f"{_PINS}<int:pk>/replace/", views.pin_replace, name="pin_replace"),
    path(f"{_PINS}<int:pk>/remove/", views.pin_remove, name="pin_remove"),
    path(f"{_PINS}<int:pk>/restore/", views.pin_restore, name="pin_restore"),
]
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
recordings = [
    path("conferences/<int:pk>/recordings/", views.recording_list, name="recording_list"),
    path("recordings/", views.recordings, name="recordings"),
    path("recordings/<int:recording_pk>/", views.recording_view, name="recording_view"),
    path("recordings/<int:recording_pk>/audio/", views.recording_audio, name="recording_audio"),
    path(
        "recordings/<int:recording_pk>/download/",
        views.recording_download,
        name="recording_download",
    ),
    path("recordings/<int:recording_pk>/delete/", views.recording_delete, name="recording_delete"),
]

urlpatterns = manager + pins + dates + calls + recordings + live
