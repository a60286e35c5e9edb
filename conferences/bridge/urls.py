"""Addresses that machines ask, each bridge with its key."""

from django.urls import path

from conferences.bridge.records import records

app_name = "bridge"

urlpatterns = [
    path("records/", records, name="records"),
]
