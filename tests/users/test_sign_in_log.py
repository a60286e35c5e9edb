"""Signing in, or failing to, is in the audit log."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from tests import make
from tests.pages import submit_password


def logged():
    return AuditEntry.objects.values_list(
        "actor_label", "verb", "subject", "account__name", "from_address"
    ).get()


def test_sign_in_is_in_the_log_of_the_account(client, basic):
    submit_password(client, basic.email)

    assert AuditEntry.objects.get().actor == basic
    assert logged() == ("Ben Basic", "signed in", "User Ben Basic", "Aurora Robotics", "127.0.0.1")


def test_sign_in_of_staff_is_in_no_account_s_log(client, staff):
    submit_password(client, staff.email)

    assert logged() == ("Stefan Staff", "signed in", "User Stefan Staff", None, "127.0.0.1")


def test_failed_sign_in_is_in_the_log_of_the_account(client, basic):
    submit_password(client, "BASIC@Aurora.example", "a wrong password")

    assert AuditEntry.objects.get().actor is None
    assert logged() == (
        "basic@aurora.example",
        "failed to sign in",
        "User Ben Basic",
        "Aurora Robotics",
        "127.0.0.1",
    )


@pytest.mark.django_db
def test_failed_sign_in_of_nobody_is_in_the_log_too(client):
    submit_password(client, "nobody@nowhere.example")

    assert logged() == (
        "nobody@nowhere.example",
        "failed to sign in",
        "no user",
        None,
        "127.0.0.1",
    )


def test_password_is_never_in_the_log(client, basic):
    submit_password(client, basic.email, "hunter2 hunter2")

    assert "hunter2" not in str(AuditEntry.objects.values().get())


def test_signing_out_is_in_the_log(client, basic):
    submit_password(client, basic.email)
    client.post(reverse("account_logout"))

    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.actor, entry.account) == ("signed out", basic, basic.account)


@pytest.mark.django_db
def test_password_typed_into_the_field_of_the_address_is_not_kept(client):
    submit_password(client, "hunter2 hunter2")

    assert not AuditEntry.objects.exists()


def test_log_of_an_account_does_not_tell_whether_an_invited_address_signs_in_elsewhere(
    client, account, stranger
):
    person = make.user(account=account, email="new@aurora.example", email_confirmed_at=None)

    submit_password(client, person.email, "wrong")
    make.user(account=stranger.account, email=person.email)
    submit_password(client, person.email, "wrong")

    assert not account.audit_entries.exists()
