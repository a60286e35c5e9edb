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
live = []

urlpatterns = manager + pins + dates + calls + recordings + live
