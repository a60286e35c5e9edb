"""Addresses that machines ask, each bridge with its key."""

from django.urls import path

from conferences.bridge.recordings import recording_upload

app_name = "bridge"

urlpatterns = [
    path("recordings/", recording_upload, name="recording_upload"),
]
