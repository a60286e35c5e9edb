"""The last active Admin of an account stays one, whatever staff do, also at once."""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client

from tests import make
from tests.accuconf.staff_forms import change
from tests.pages import sign_in
from users.admin import UserForm
from users.models import User


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


def test_last_active_admin_of_an_account_keeps_the_role(client, clerk, admin, account):
    make.user(account=account, role="admin", email_confirmed_at=None)
    sign_in(client, clerk)

    response = change(client, admin, is_active="on", role="basic")

    assert response.context["adminform"].form.errors["role"] == [
        "The account's last active Customer Admin keeps this role."
    ]


@pytest.mark.django_db(transaction=True)
def test_admin_made_only_now_is_kept_too(staff, admin, basic):
    """Somebody who was a Basic when the page was read is the last Admin when it is saved."""
    form = UserForm({"name": "Ben", "role": "basic", "time_zone": "UTC"}, instance=basic)
    User.objects.filter(pk=basic.pk).update(role="admin")
    User.objects.filter(pk=admin.pk).update(is_active=False)

    with transaction.atomic():
        errors = form.errors

    assert set(errors) == {"role", "is_active"}
