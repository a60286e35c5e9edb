"""Addresses of second factors. allauth looks up its names itself, so they have no namespace.

Only what is needed of allauth is here: no list of passkeys, no trusted browsers, no sign-up.
"""

from allauth.mfa.base.views import reauthenticate
from allauth.mfa.webauthn.views import login_webauthn, reauthenticate_webauthn
from django.urls import path

from users.views import second_factor as views

urlpatterns = [
    path("", views.second_factor_view, name="mfa_index"),
    path("code/", views.SignInByFactor.as_view(), name="mfa_authenticate"),
    path("again/", reauthenticate, name="mfa_reauthenticate"),
    path("app/", views.AppAdd.as_view(), name="mfa_activate_totp"),
    path("passkeys/add/", views.PasskeyAdd.as_view(), name="mfa_add_webauthn"),
    path("passkeys/again/", reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/signin/", login_webauthn, name="mfa_login_webauthn"),
    path("codes/", views.CodesView.as_view(), name="mfa_view_recovery_codes"),
    path("codes/new/", views.CodesMake.as_view(), name="mfa_generate_recovery_codes"),
    path("codes/download/", views.CodesDownload.as_view(), name="mfa_download_recovery_codes"),
    path("<int:pk>/remove/", views.factor_remove, name="mfa_remove"),
]
