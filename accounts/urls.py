"""Addresses of the accounts pages."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("account/", views.account_view, name="account_view"),
    path("account/log/", views.log_list, name="log_list"),
    path("account/log/export/", views.log_export, name="log_export"),
]
