"""How people come in and leave, and how staff look as one of them."""

from functools import partial
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse

from tests import make
from tests.accuconf.changes.asking import CHOSEN, TEMPORARY, post
from tests.pages import sign_in, submit_password
from tests.users import factors
from users.codes import proof_code
from users.links import password_link

TWICE = {"password1": CHOSEN, "password2": CHOSEN}


def enter(here, name):
    return post(here, name, client=Client(), login=here.basic.email, password=make.PASSWORD)


def settle_in(here, name, **typed):
    client = Client()
    submit_password(client, here.invited.email, TEMPORARY)
    return post(here, name, client=client, code=proof_code(here.invited), **typed)


def follow_link(here, _name):
    client = Client()
    page = client.get(urlsplit(password_link(here.basic)).path, follow=True)
    return lambda: client.post(page.request["PATH_INFO"], TWICE)


def give_code(here, _name):
    factors.app(here.basic)
    client = Client()
    submit_password(client, here.basic.email)
    return lambda: factors.submit_code(client, factors.code())


def start_to_look(here, name):
    client = Client()
    sign_in(client, here.staff)
    return post(here, name, here.admin.pk, client=client)


def while_looking(here, name, **typed):
    client = Client()
    sign_in(client, here.staff)
    client.post(reverse("look_start", args=[here.admin.pk]))
    return post(here, name, client=client, **typed)


CHANGES = {
    "account_login": enter,
    "account_logout": post,
    "account_first_sign_in": partial(settle_in, **TWICE),
    "account_first_sign_in_code": settle_in,
    "account_reset_password_from_key": follow_link,
    "mfa_authenticate": give_code,
    "look_start": start_to_look,
    "look_allow": partial(while_looking, reason="They asked."),
    "look_stop": while_looking,
}
