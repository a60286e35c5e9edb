"""Addresses of the pages about an account's people."""

from django.urls import include, path

from users.views import people, rights, second_factor

app_name = "users"

one_person = [
    path("", people.user_view, name="user_view"),
    path("rights/", rights.rights_edit, name="rights_edit"),
    path("rights/draft/", rights.rights_draft, name="rights_draft"),
    path("disable/", people.user_disable, name="user_disable"),
    path("enable/", people.user_enable, name="user_enable"),
    path("sign-ins/end/", people.user_end_sign_ins, name="user_end_sign_ins"),
    path("invitation/", people.user_invite, name="user_invite"),
    path("remove/", people.user_remove, name="user_remove"),
]

urlpatterns = [
    path("account/users/add/", people.user_add, name="user_add"),
    path("account/users/<int:pk>/", include(one_person)),
    path(
        "account/second-factor/",
        second_factor.second_factor_require,
        name="second_factor_require",
    ),
]
