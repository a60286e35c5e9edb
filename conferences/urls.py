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
recordings = []
live = []

urlpatterns = manager + pins + dates + calls + recordings + live
