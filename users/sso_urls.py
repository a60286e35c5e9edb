"""Addresses of signing in through one's own company. Two names are allauth's: it looks them up."""

from django.urls import path

from users.views import single_sign_on

urlpatterns = [
    path("", single_sign_on.sso_start, name="sso_start"),
    path("again/", single_sign_on.sso_again, name="sso_again"),
    path("<slug:provider_id>/login/", single_sign_on.sso_login, name="openid_connect_login"),
    path(
        "<slug:provider_id>/callback/", single_sign_on.sso_callback, name="openid_connect_callback"
    ),
]
