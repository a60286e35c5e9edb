"""Addresses of the conferences pages."""

from django.urls import path

from conferences import views

app_name = "conferences"

manager = [
    path("conferences/", views.conference_list, name="conference_list"),
    path("conferences/<int:pk>/", views.conference_view, name="conference_view"),
]
pins = []
dates = []
calls = []
recordings = []
live = []

urlpatterns = manager + pins + dates + calls + recordings + live
