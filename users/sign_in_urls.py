"""Addresses of signing in and of the password. allauth has more pages; those it may show are here.

Its names stay, since it looks them up itself. E-mail addresses are changed by an admin, never here.
"""

from allauth.account import views
from django.urls import path, re_path

from users.views import signing_in

urlpatterns = [
    path("signin/", views.login, name="account_login"),
    path("signin/first/", signing_in.first_sign_in, name="account_first_sign_in"),
    path("signin/first/code/", signing_in.first_sign_in_code, name="account_first_sign_in_code"),
    path("signout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("signin/disabled/", views.account_inactive, name="account_inactive"),
    path("signin/again/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", signing_in.PasswordChangeView.as_view(), name="account_change_password"),
    path("password/set/", signing_in.PasswordSetView.as_view(), name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/sent/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        signing_in.PasswordFromLinkView.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
