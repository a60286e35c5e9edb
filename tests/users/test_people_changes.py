"""Disabling, enabling, removing somebody, and ending their sign-ins."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from tests import make
from tests.pages import sign_in
from users.models import User
from users.services.people import add_user, disable_user, enable_user, remove_user

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
HOME = reverse("home")


def press(client, button, person):
    return client.post(reverse(f"users:user_{button}", args=[person.pk]), follow=True)


def signed_in(person):
    client = Client()
    sign_in(client, person)
    return client


def fresh(person):
    return User.objects.get(pk=person.pk)


def logged():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", "subject"))


def test_disabled_person_is_out_at_once(client, admin, basic):
    theirs = signed_in(basic)
    sign_in(client, admin)

    response = press(client, "disable", basic)

    assert "Ben Basic is disabled and signed out everywhere." in response.content.decode()
    assert theirs.get(HOME).status_code == 302
    assert fresh(basic).state == "disabled"
    assert logged() == [("disabled", "User Ben Basic")]


def test_enabled_person_may_sign_in_but_old_sign_ins_stay_ended(client, admin, basic):
    theirs = signed_in(basic)
    sign_in(client, admin)
    press(client, "disable", basic)

    press(client, "enable", basic)

    assert theirs.get(HOME).status_code == 302
    assert fresh(basic).state == "active"
    assert signed_in(fresh(basic)).get(HOME).status_code == 200
    assert logged() == [("disabled", "User Ben Basic"), ("enabled", "User Ben Basic")]


def test_sign_ins_end_everywhere_and_others_stay(client, admin, basic, scheduler):
    theirs, at_home, of_another = signed_in(basic), signed_in(basic), signed_in(scheduler)
    UserSession.objects.create(user=basic, ip="192.0.2.1", session_key="k", user_agent="x")
    sign_in(client, admin)

    press(client, "end_sign_ins", basic)

    assert [one.get(HOME).status_code for one in (theirs, at_home)] == [302, 302]
    assert of_another.get(HOME).status_code == 200
    assert not UserSession.objects.filter(user=basic).exists()
    assert logged() == [("ended the sign-ins of", "User Ben Basic")]


def test_removed_person_leaves_nothing_but_the_log(client, admin, basic, conference):
    make.rights(basic, conference, "full")
    Authenticator.objects.create(user=basic, type="totp", data={"secret": "x"})
    theirs = signed_in(basic)
    sign_in(client, admin)

    response = press(client, "remove", basic)

    removed = fresh(basic)
    assert "Ben Basic is removed." in response.content.decode()
    assert response.redirect_chain[-1][0] == reverse("accounts:account_view")
    assert theirs.get(HOME).status_code == 302
    assert (removed.is_active, removed.has_usable_password()) == (False, False)
    assert not removed.rights.exists()
    assert not Authenticator.objects.exists()
    assert client.get(reverse("users:user_view", args=[basic.pk])).status_code == 404
    assert logged() == [("removed", "User Ben Basic")]


def test_address_of_a_removed_person_is_free(account, admin, basic):
    remove_user(basic, by=Actor(user=admin), now=NOW)

    again = add_user(
        account,
        email=basic.email,
        name="Ben again",
        time_zone="UTC",
        by=Actor(user=admin),
        now=NOW,
    )

    assert again.pk != basic.pk


def test_asking_to_remove_removes_nobody(client, admin, basic):
    sign_in(client, admin)

    response = client.get(reverse("users:user_remove", args=[basic.pk]))

    assert "Remove Ben Basic?" in response.content.decode()
    assert fresh(basic).removed_at is None


@pytest.mark.parametrize("button", ["disable", "remove"])
def test_last_admin_stays_and_the_page_says_why(client, admin, button):
    sign_in(client, admin)

    response = press(client, button, admin)

    assert "is the last active Customer Admin of this account" in response.content.decode()
    assert fresh(admin).state == "active"
    assert logged() == []


def test_doing_it_twice_is_written_once(admin, basic):
    for act in (disable_user, disable_user, enable_user, enable_user):
        act(basic, by=Actor(user=admin), now=NOW)

    assert logged() == [("disabled", "User Ben Basic"), ("enabled", "User Ben Basic")]


def test_enabling_brings_no_role_or_right_back_that_was_not_there(admin, basic, conference):
    make.rights(basic, conference, "view")
    disable_user(basic, by=Actor(user=admin), now=NOW)
    enable_user(basic, by=Actor(user=admin), now=NOW)

    assert fresh(basic).ticked_rights == {conference.pk: {"view"}}


@pytest.mark.parametrize(
    ("act", "subject", "to_admins"),
    [
        (disable_user, "Your sign-in has been disabled", set()),
        (remove_user, "Your sign-in has been removed", {"Ben Basic has been removed"}),
    ],
)
def test_those_concerned_are_told(admin, basic, act, subject, to_admins):
    act(basic, by=Actor(user=admin), now=NOW)

    list(send_due_letters(now=NOW))

    told = {letter.subject: letter for letter in mail.outbox}
    assert set(told) == {subject, *to_admins}
    assert told[subject].to == [basic.email]
    assert "Ana Admin" in told[subject].body
    assert {told[words].to[0] for words in to_admins} <= {admin.email}


def test_notices_to_a_removed_admin_are_not_sent(account, admin):
    second = make.user(account=account, role="admin", name="Ada")
    add_user(account, email="x@x.example", name="X", time_zone="UTC", by=Actor(user=admin), now=NOW)
    remove_user(second, by=Actor(user=admin), now=NOW)

    list(send_due_letters(now=NOW))

    assert {letter.subject for letter in mail.outbox if letter.to == [second.email]} == {
        "Your sign-in has been removed"
    }
    assert Letter.objects.filter(user=second, state="refused").count() == 1


BUTTONS = ["disable", "enable", "end_sign_ins", "invite", "remove"]


@pytest.mark.parametrize("button", BUTTONS)
def test_people_of_another_account_are_not_there(client, stranger, basic, button):
    sign_in(client, stranger)

    assert press(client, button, basic).status_code == 404
    assert fresh(basic).state == "active"


@pytest.mark.parametrize("button", BUTTONS)
@pytest.mark.parametrize("role", ["basic", "schedule", "billing"])
def test_only_admins_may(client, account, admin, button, role):
    sign_in(client, make.user(account=account, role=role))

    assert press(client, button, admin).status_code == 404
    assert fresh(admin).state == "active"


@pytest.mark.parametrize("button", BUTTONS)
def test_staff_are_not_there_either(client, admin, staff, button):
    sign_in(client, admin)

    assert press(client, button, staff).status_code == 404
