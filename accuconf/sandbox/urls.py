"""Addresses of the sandbox's own pages; not mounted in production."""

from django.urls import path

from accuconf.sandbox import views

app_name = "sandbox"

urlpatterns = [
    path("inbox/", views.letter_list, name="letter_list"),
    path("inbox/<slug:name>/", views.letter_view, name="letter_view"),
    path("inbox/<slug:name>/html/", views.letter_html, name="letter_html"),
    path("inbox/<slug:name>/<int:number>/", views.letter_attachment, name="letter_attachment"),
]
