"""Addresses of the conferences pages."""

from django.urls import path

from conferences import views

app_name = "conferences"

manager = [
    path("conferences/", views.conference_list, name="conference_list"),
    path("conferences/<int:pk>/", views.conference_view, name="conference_view"),
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
dates = []
calls = []
recordings = []
live = []

urlpatterns = manager + pins + dates + calls + recordings + live
