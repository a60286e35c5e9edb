"""Signing in by a passkey alone: as strict as by a password about who may come in."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry
from tests import make
from tests.pages import sign_in, submit_password
from tests.users.soft_passkey import SoftPasskey, challenge_at_entrance, challenge_on
from users.services import people

HOME = reverse("home")
ENTRANCE = reverse("mfa_login_webauthn")
AGAIN = reverse("mfa_reauthenticate_webauthn")
SECOND_STEP = reverse("mfa_authenticate")


@pytest.fixture
def passkey(basic):
    return SoftPasskey(basic)


def verbs():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_passkey_lets_its_person_in(client, passkey, basic):
    response = passkey.sign_in(client)

    assert response["Location"] == HOME
    assert client.get(HOME).context["user"] == basic
    assert verbs() == ["signed in"]


def test_it_is_a_second_factor_too(client, passkey, account):
    account.requires_second_factor = True
    account.save()

    passkey.sign_in(client)

    assert client.get(HOME).status_code == 200


def test_answer_is_of_no_use_in_another_browser(client, other_client, passkey):
    heard = passkey.answer(challenge_at_entrance(client))
    challenge_at_entrance(other_client)

    for browser in (other_client, client):
        browser.post(ENTRANCE, {"credential": heard})

    assert other_client.get(HOME).status_code == 302
    assert client.get(HOME).status_code == 200


def test_disabled_person_is_told_so_and_not_let_in(client, passkey, basic, admin):
    people.disable_user(basic, by=Actor(user=admin), now=timezone.now())

    response = passkey.sign_in(client)

    assert response["Location"] == reverse("account_inactive")
    assert client.get(HOME).status_code == 302
    assert "signed in" not in verbs()


def test_removed_person_is_not_known(client, passkey, basic, admin):
    people.remove_user(basic, by=Actor(user=admin), now=timezone.now())

    response = passkey.sign_in(client)

    assert response["Location"] == reverse("account_login")
    assert client.get(HOME).status_code == 302


def test_who_must_come_through_the_company_does(client, passkey, account):
    make.single_sign_on(account=account, issuer="https://login.aurora.example", is_required=True)

    response = passkey.sign_in(client)

    assert response["Location"] == reverse("sso_start", query={"company": "aurora"})
    assert client.get(HOME).status_code == 302
    assert verbs() == ["failed to sign in"]


def test_temporary_password_is_to_be_changed_first(client, passkey, basic):
    basic.password_expires_at = timezone.now() + dt.timedelta(hours=1)
    basic.save()

    passkey.sign_in(client)

    assert client.get(HOME)["Location"] == reverse("account_first_sign_in")


@pytest.mark.parametrize(("whose", "status"), [("admin", 200), ("basic", 302)])
def test_only_one_s_own_proves_who_one_is(client, passkey, admin, whose, status):
    of = {"basic": passkey, "admin": SoftPasskey(admin)}
    sign_in(client, admin)

    answer = of[whose].answer(challenge_on(client, AGAIN))
    client.post(AGAIN, {"credential": answer})

    assert client.get(reverse("profile:email_change")).status_code == status


@pytest.mark.parametrize(("whose", "status"), [("admin", 200), ("basic", 302)])
def test_only_one_s_own_is_the_second_step(client, passkey, admin, whose, status):
    of = {"basic": passkey, "admin": SoftPasskey(admin)}
    submit_password(client, admin.email)

    answer = of[whose].answer(challenge_on(client, SECOND_STEP))
    client.post(SECOND_STEP, {"credential": answer})

    assert client.get(HOME).status_code == status
