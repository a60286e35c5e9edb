"""Addresses of the accounts pages."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("account/", views.account_view, name="account_view"),
]
