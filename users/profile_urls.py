"""Addresses of one's own pages, which staff have too: My Profile, e-mail, own sign-ins."""

from django.urls import path

from users.views import profile, sign_ins

app_name = "profile"

urlpatterns = [
    path("profile/", profile.profile_view, name="profile_view"),
    path("profile/edit/", profile.profile_edit, name="profile_edit"),
    path("profile/email/", profile.email_change, name="email_change"),
    path("profile/email/cancel/", profile.email_cancel, name="email_cancel"),
    path("profile/email/agree/<str:token>/", profile.email_agree, name="email_agree"),
    path("profile/email/stop/<str:token>/", profile.email_stop, name="email_stop"),
    path("profile/signins/", sign_ins.sign_in_list, name="sign_in_list"),
    path("profile/signins/end/", sign_ins.sign_in_end_others, name="sign_in_end_others"),
    path("profile/signins/<int:pk>/end/", sign_ins.sign_in_end, name="sign_in_end"),
    path("profile/later/", profile.second_factor_later, name="second_factor_later"),
]
