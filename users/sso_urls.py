"""Addresses of signing in through one's own company. Two names are allauth's: it looks them up."""

from django.urls import path

from users import views

urlpatterns = [
    path("", views.sso_start, name="sso_start"),
    path("again/", views.sso_again, name="sso_again"),
    path("<slug:provider_id>/login/", views.sso_login, name="openid_connect_login"),
    path("<slug:provider_id>/callback/", views.sso_callback, name="openid_connect_callback"),
]
