"""No address without a declared answer, and what the families of addresses answer."""

import re

import pytest
from django.test import Client

from tests import make
from tests.access import world as worlds
from tests.access.addresses import addresses
from tests.access.answers import answer_of
from tests.access.asking import ask
from tests.access.table import FAMILIES, OPEN, ROUTES
from tests.access.visitors import everybody
from tests.pages import sign_in


def filled(path):
    """Return an address of the back office with something in each of its places."""
    path = re.sub(r"\(\?P<app_label>[^)]*\)", "accounts", path).replace("(?P<url>.*)", "never/")
    return "/" + re.sub(r"<[^>]+>", "1", path).rstrip("$")


BACK_OFFICE = {
    address.name: filled(address.path)
    for address in addresses()
    if address.name.startswith("admin:")
}
MACHINES = {
    address.name: filled(address.path)
    for address in addresses()
    if address.name.startswith("bridge:")
}


def undeclared(names):
    families = tuple(FAMILIES)
    return {name for name in names if name not in ROUTES | dict.fromkeys(OPEN)} - {
        name for name in names if name.startswith(families)
    }


def test_every_address_has_a_declared_answer():
    names = {address.name for address in addresses()}

    assert undeclared(names) == set()
    assert set(ROUTES) | OPEN <= names


def test_an_address_that_nobody_declared_is_noticed():
    """The control."""
    assert undeclared({"home", "billing:bill_burn", "admin:index"}) == {"billing:bill_burn"}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["admin", "billing", "basic", "schedule"])
def test_back_office_does_not_exist_for_customers(role):
    world = worlds.build()
    client = everybody(world, [role])[role].client()
    never = ask(client, "GET", "/customer/never-was/").body

    answers = {
        (name, method): ask(client, method, url).body == never
        for name, url in BACK_OFFICE.items()
        for method in ("GET", "POST")
    }

    assert [address for address, is_as_if_never in answers.items() if not is_as_if_never] == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nobody", "disabled admin", "temporary password"])
def test_back_office_is_behind_the_gates(name):
    visitor = everybody(worlds.build(), [name])[name]
    client = visitor.client()

    answers = {answer_of(ask(client, "GET", url)) for url in BACK_OFFICE.values()}

    assert answers == {visitor.gate}


@pytest.mark.django_db
def test_back_office_refuses_staff_without_permissions():
    client = Client(raise_request_exception=False)
    sign_in(client, make.user(email="new@meridian.example"))
    open_to_all_staff = {
        "admin:index", "admin:login", "admin:logout", "admin:password_change",
        "admin:password_change_done", "admin:jsi18n", "admin:view_on_site", "admin:autocomplete",
    }  # fmt: skip

    answers = {
        name: answer_of(ask(client, "GET", url))
        for name, url in BACK_OFFICE.items()
        if name not in open_to_all_staff
    }

    assert set(answers.values()) <= {"403", "404", "back office", "done"}


@pytest.mark.django_db
@pytest.mark.parametrize("visitor", ["nobody", "admin", "staff"])
def test_machines_addresses_are_closed_to_people(visitor):
    client = everybody(worlds.build(), [visitor])[visitor].client()

    answers = {
        (name, method): ask(client, method, url).status_code
        for name, url in MACHINES.items()
        for method in ("GET", "POST", "PUT", "DELETE")
    }

    assert set(answers.values()) <= {401}
