"""Fields that a form does not have, sent with those that it has, change nothing."""

import pytest
from django.urls import reverse

from accounts.models import Account
from conferences.models import Conference
from tests.access import world as worlds
from tests.access.visitors import everybody
from tests.pages import read
from users.models import ConferenceRight, User

#: Forms as a customer's Admin sends them, with what is typed; the rest stays as the page has it.
FORMS = {
    "billing:account_edit": {"city": "Cambridge", "region": "MA", "postal_code": "02139"},
    "users:user_add": {"email": "new@kanarienvogel.example", "name": "Nora New"},
    "users:rights_edit": {"role": "schedule"},
    "profile:profile_edit": {"name": "Ada"},
    "conferences:conference_edit": {"name": "Renamed"},
}
#: What a form decides of these rows; all else must stay.
DECIDES = {
    "billing:account_edit": (Account, {"city", "region", "postal_code", "address_line2"}),
    "users:user_add": (User, set()),
    "users:rights_edit": (User, {"role"}),
    "profile:profile_edit": (User, {"name"}),
    "conferences:conference_edit": (Conference, {"name"}),
}


@pytest.fixture
def world(db):
    return worlds.build()


@pytest.fixture
def admin(world):
    return everybody(world, ["admin"])["admin"]


def smuggled(world):
    """Return a value for each thing that would be worth smuggling in."""
    return {
        "account": world.away.account.pk,
        "account_id": world.away.account.pk,
        "pk": world.away.admin.pk,
        "id": world.away.admin.pk,
        "user": world.away.admin.pk,
        "is_staff": "on",
        "is_superuser": "on",
        "groups": "1",
        "email_confirmed_at": "2026-01-01",
        "password_expires_at": "",
        "sign_in_epoch": "7",
        "number": "1",
        "terms": "check",
        "currency": "EUR",
        "activated_on": "2020-01-01",
        "billed_from": "2030-01-01",
        "closed_on": "2030-01-01",
        "requires_second_factor": "on",
        "customer_id": "cus_another",
        "payment_method_id": "pm_another",
        "kind": "one_time",
        "closed_at": "2020-01-01",
    }


def form_on(page):
    """Return what the page's own form holds as it stands, by name."""
    held = {}
    for field in page.one("main").all("input"):
        name, kind = field.attributes.get("name"), field.attributes.get("type", "text")
        is_box = kind in {"checkbox", "radio"}
        if name and (not is_box or "checked" in field.attributes):
            value = field.attributes.get("value", "on" if is_box else "")
            held.setdefault(name, []).append(value)
    for field in page.one("main").all("select"):
        chosen = [one for one in field.all("option") if "selected" in one.attributes]
        held[field.attributes["name"]] = [one.attributes["value"] for one in chosen]
    return held


def stored():
    """Return all rows of accounts, people and conferences, as they stand, by model and key."""
    unimportant = {"last_login", "password"}
    return {
        (model, row.pk): {
            field.attname: getattr(row, field.attname)
            for field in model._meta.concrete_fields
            if field.attname not in unimportant
        }
        for model in (Account, User, Conference)
        for row in model.objects.all()
    }


def changed(before, after):
    """Return {(model, column)} of all that differs in rows that were there before."""
    return {
        (model, column)
        for (model, pk), row in before.items()
        for column, value in row.items()
        if after[model, pk][column] != value
    }


@pytest.mark.parametrize("name", FORMS)
def test_only_the_form_s_own_fields_are_taken(world, admin, name):
    client = admin.client()
    things = {
        "users:rights_edit": [world.home.colleague.pk],
        "conferences:conference_edit": [world.home.conference.pk],
    }
    url = reverse(name, args=things.get(name, []))
    before = stored()

    data = smuggled(world) | form_on(read(client.get(url))) | FORMS[name]
    response = client.post(url, data)

    model, columns = DECIDES[name]
    after = stored()
    assert response.status_code == 302
    assert changed(before, after) <= {(model, column) for column in columns}
    for model, pk in after.keys() - before.keys():
        new = after[model, pk]
        assert (model, new["account_id"], new["role"]) == (User, world.home.account.pk, "basic")
        assert (new["is_staff"], new["is_superuser"], new["email_confirmed_at"]) == (
            False,
            False,
            None,
        )


def test_a_tick_on_another_s_conference_changes_nothing(world, admin):
    client = admin.client()
    url = reverse("users:rights_edit", args=[world.home.colleague.pk])
    form = form_on(read(client.get(url)))
    before = stored()

    response = client.post(url, form | {"ticked": [f"{world.away.conference.pk}:full"]})

    assert response.status_code == 404
    assert changed(before, stored()) == set()
    assert not ConferenceRight.objects.filter(conference=world.away.conference).exists()


def test_a_person_moved_to_another_account_would_be_noticed(world):
    """The control."""
    before = stored()
    User.objects.filter(pk=world.home.colleague.pk).update(account=world.away.account)

    assert changed(before, stored()) == {(User, "account_id")}
