"""Addresses of the conferences pages."""

from django.urls import path

from conferences import views
from conferences.bridge.control import Order

app_name = "conferences"

manager = [
    path("conferences/", views.conference_list, name="conference_list"),
    path("conferences/<int:pk>/", views.conference_view, name="conference_view"),
]
pins = []
dates = []
calls = []
recordings = []
live = [
    path("conferences/<int:pk>/live/", views.live_view, name="live_view"),
    path("conferences/<int:pk>/live/people/", views.live_people, name="live_people"),
    path("conferences/<int:pk>/live/people/new/", views.live_call_out, name="live_call_out"),
    *(
        path(f"conferences/<int:pk>/live/{thing}/", views.live_order, {"order": order}, name=name)
        for thing, order, name in (
            ("people/<str:member>/mute", Order.MUTE, "live_mute"),
            ("people/<str:member>/unmute", Order.UNMUTE, "live_unmute"),
            ("people/<str:member>/drop", Order.DROP, "live_drop"),
            ("mute", Order.MUTE_OTHERS, "live_mute_others"),
            ("lock", Order.LOCK, "live_lock"),
            ("unlock", Order.UNLOCK, "live_unlock"),
            ("record", Order.RECORD, "live_record"),
            ("record/stop", Order.STOP_RECORDING, "live_record_stop"),
        )
    ),
]

urlpatterns = manager + pins + dates + calls + recordings + live
