"""How people change what is their own: profile, e-mail address, sign-ins, second factors."""

from functools import partial

from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from tests import make
from tests.accuconf.changes.asking import CHOSEN, SECRETS, post
from tests.pages import submit_password
from tests.users import factors
from users.services import email_change
from users.services.email_change import End


def wish(person):
    return email_change.ask_email_change(
        person, new_email="new@example.com", by=Actor(user=person), now=timezone.now()
    )


def cancel_wish(here, name):
    wish(here.admin)
    return post(here, name)


def follow_letter(here, name):
    token = email_change.token_of(wish(here.admin), End.NEW)
    return post(here, name, token, client=Client())


def end_other_sign_ins(here, name):
    submit_password(Client(), here.admin.email)
    return post(here, name)


def end_sign_in(here, name):
    submit_password(Client(), here.admin.email)
    return post(here, name, UserSession.objects.latest("pk").pk)


def add_app(here, name):
    here.client.get(reverse(name))
    secret = here.client.session["mfa.totp.secret"]
    SECRETS.append(secret)
    return post(here, name, code=factors.code(secret))


def make_codes(here, name):
    factors.app(here.admin)
    return post(here, name)


def remove_factor(here, name):
    return post(here, name, factors.app(here.admin).pk)


CHANGES = {
    "profile:profile_edit": partial(post, name="Anna", time_zone="UTC", receives_bills="on"),
    "profile:email_change": partial(post, email="new@example.com"),
    "profile:email_cancel": cancel_wish,
    "profile:email_agree": follow_letter,
    "profile:email_stop": follow_letter,
    "profile:sign_in_end": end_sign_in,
    "profile:sign_in_end_others": end_other_sign_ins,
    "account_change_password": partial(
        post, oldpassword=make.PASSWORD, password1=CHOSEN, password2=CHOSEN
    ),
    "mfa_activate_totp": add_app,
    "mfa_generate_recovery_codes": make_codes,
    "mfa_remove": remove_factor,
}
