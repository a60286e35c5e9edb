"""Addresses that machines ask, each bridge with its key."""

from django.urls import path

from conferences.bridge import look_up
from conferences.bridge.recordings import recording_upload
from conferences.bridge.records import records

app_name = "bridge"

asks = [
    path("pin/", look_up.pin, name="pin"),
    path("asterisk/pin/", look_up.pin_pairs, name="pin_pairs"),
    path("freeswitch/dialplan/", look_up.freeswitch_dialplan, name="freeswitch_dialplan"),
    path("freeswitch/httapi/", look_up.freeswitch_httapi, name="freeswitch_httapi"),
]
brings = [
    path("records/", records, name="records"),
    path("recordings/", recording_upload, name="recording_upload"),
]

urlpatterns = asks + brings
