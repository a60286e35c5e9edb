"""Addresses that machines ask, each bridge with its key."""

from django.urls import path  # noqa: F401

app_name = "bridge"

urlpatterns = []
