"""The back office's pages of people: nobody becomes staff, and no account loses its last admin."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from tests import make
from tests.pages import sign_in
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def change(client, person, **typed):
    everything = {"name": person.name, "time_zone": person.time_zone, **typed}
    return client.post(reverse("admin:users_user_change", args=[person.pk]), everything)


def add(client, **typed):
    everything = {"name": "New Person", "time_zone": "America/New_York", **typed}
    return client.post(reverse("admin:users_user_add"), everything)


@pytest.mark.parametrize("who", ["admin", "staff"])
def test_password_hash_is_never_shown(client, staff, admin, request, who):
    person = request.getfixturevalue(who)
    sign_in(client, staff)

    content = client.get(reverse("admin:users_user_change", args=[person.pk])).content.decode()

    assert person.password not in content
    assert person.password.split("$")[-1] not in content


def test_customer_s_user_never_becomes_staff(client, staff, basic):
    sign_in(client, staff)

    change(client, basic, is_active="on", is_staff="on", is_superuser="on", account="", role="")

    basic.refresh_from_db()
    assert (basic.is_staff, basic.is_superuser, basic.role) == (False, False, "basic")


def test_customer_s_user_is_added_with_a_role_and_no_password(client, clerk, account):
    sign_in(client, clerk)

    add(client, email="New@Aurora.example", account=account.pk, role="admin", password="chosen")

    person = User.objects.get(email="new@aurora.example")
    assert (person.account, person.role, person.is_staff) == (account, "admin", False)
    assert not person.has_usable_password()
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.account) == ("added", account)
    assert entry.after["role"] == "admin"


def test_staff_are_added_by_a_superuser(client, staff):
    sign_in(client, staff)

    add(client, email="second@meridian.example")

    person = User.objects.get(email="second@meridian.example")
    assert (person.account, person.role, person.is_staff, person.is_superuser) == (
        None,
        "",
        True,
        False,
    )


def test_staff_are_not_added_by_others(client, clerk):
    sign_in(client, clerk)

    response = add(client, email="second@meridian.example")

    assert "account" in response.context["adminform"].form.errors
    assert User.objects.count() == 1


@pytest.mark.parametrize("with_account", [True, False])
def test_account_and_role_go_together(client, staff, account, with_account):
    sign_in(client, staff)
    halves = {"account": account.pk} if with_account else {"role": "admin"}

    response = add(client, email="half@aurora.example", **halves)

    assert response.context["adminform"].form.non_field_errors() == [
        "A customer's user has an account and a role; staff neither."
    ]


def test_e_mail_that_signs_in_already_is_refused_in_any_case(client, clerk, admin):
    sign_in(client, clerk)

    response = add(client, email="ADMIN@aurora.example", account=admin.account_id, role="basic")

    assert response.context["adminform"].form.errors["email"] == [
        "Somebody signs in with this e-mail already."
    ]


def test_staff_are_changed_by_superusers_only(client, clerk, staff):
    sign_in(client, clerk)

    assert change(client, staff, is_active="").status_code == 403
    assert change(client, clerk, is_active="on", is_superuser="on").status_code == 403
    clerk.refresh_from_db()
    assert not clerk.is_superuser


def test_groups_given_to_staff_are_in_the_log(client, staff, clerk):
    second = make.user(email="second@meridian.example")
    sign_in(client, staff)
    group = Group.objects.get(name="Billing staff")

    change(client, second, is_active="on", groups=group.pk)

    assert second.groups.get() == group
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"groups": []}, {"groups": ["Billing staff"]})


def test_last_active_admin_of_an_account_stays(client, clerk, admin, basic):
    sign_in(client, clerk)

    response = change(client, admin)

    assert response.context["adminform"].form.errors["is_active"] == [
        "The account's last active Customer Admin stays active."
    ]
    admin.refresh_from_db()
    assert admin.is_active


def test_admin_who_is_not_the_last_can_be_disabled(client, clerk, admin, account):
    make.user(account=account, role="admin")
    sign_in(client, clerk)

    change(client, admin)

    admin.refresh_from_db()
    assert not admin.is_active


@pytest.mark.django_db(transaction=True)
def test_two_at_once_cannot_disable_the_last_two_admins(staff, admin, account):
    other = make.user(account=account, role="admin")
    together = threading.Barrier(2)

    def disable(person):
        client = Client()
        sign_in(client, staff)
        together.wait()
        try:
            change(client, person)
        finally:
            connection.close()

    threads = [threading.Thread(target=disable, args=[person]) for person in (admin, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert account.users.filter(role="admin", is_active=True).count() == 1
