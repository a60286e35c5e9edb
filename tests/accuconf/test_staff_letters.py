"""The letters that follow what staff do to people: invitations, links, and what Admins are told."""

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from tests import make
from tests.accuconf.staff_forms import add, change, do
from tests.pages import sign_in
from users.models import User
from users.throttling import INVITATION


def test_new_customer_s_user_is_invited_by_letter(client, clerk, account):
    sign_in(client, clerk)

    add(client, email="new@aurora.example", account=account.pk, role="basic")

    person = User.objects.get(email="new@aurora.example")
    letter = Letter.objects.get()
    assert person.email_confirmed_at is None
    assert (letter.kind, letter.email, letter.user, letter.account) == (
        "invitation", "new@aurora.example", person, account,
    )  # fmt: skip
    assert letter.facts == {"by": str(clerk)}


def test_new_staff_get_no_invitation(client, staff):
    sign_in(client, staff)

    add(client, email="second@meridian.example")

    assert Letter.objects.count() == 0


def test_same_person_is_invited_once_to_an_account(client, clerk, account):
    make.user(account=account, email="new@aurora.example", email_confirmed_at=None)
    sign_in(client, clerk)

    response = add(client, email="NEW@aurora.example", account=account.pk, role="basic")

    assert response.context["adminform"].form.errors["email"] == [
        "This person is invited to the account already."
    ]


@pytest.mark.parametrize(("confirmed", "kind"), [(True, "password_link"), (False, "invitation")])
def test_link_to_choose_a_password_is_sent(client, clerk, basic, confirmed, kind):
    if not confirmed:
        User.objects.filter(pk=basic.pk).update(email_confirmed_at=None)
    sign_in(client, clerk)

    response = do(client, "send_link", basic)

    assert response["Location"] == reverse("admin:users_user_change", args=[basic.pk])
    assert [(letter.kind, letter.email) for letter in Letter.objects.all()] == [(kind, basic.email)]
    assert AuditEntry.objects.get().verb == "sent a link to choose a password to"


def test_who_was_invited_many_times_today_is_not_invited_once_more(client, clerk, basic, admin):
    User.objects.filter(pk=basic.pk).update(email_confirmed_at=None)
    sign_in(client, clerk)
    for _ in range(INVITATION.tries):
        do(client, "send_link", basic)

    response = do(client, "send_link", basic, admin)

    told = [str(message) for message in get_messages(response.wsgi_request)]
    assert f"{basic} was invited many times today. Invite them again tomorrow." in told
    assert Letter.objects.filter(email=basic.email).count() == INVITATION.tries
    assert Letter.objects.filter(email=admin.email).count() == 1


def test_admins_are_told_whom_staff_let_in(client, clerk, account, admin, basic):
    sign_in(client, clerk)

    add(client, email="new@aurora.example", account=account.pk, role="admin")
    change(client, basic, is_active="on", role="admin")
    list(send_due_letters(now=timezone.now()))

    told = [letter for letter in mail.outbox if letter.to == [admin.email]]
    assert [letter.subject for letter in told] == [
        "New Person has been added as a user",
        "Ben Basic is now a Customer Admin",
    ]
    assert all("Meridian Conferencing, Inc." in letter.body for letter in told)
    assert not any("Clara" in letter.body for letter in told)


def test_letters_to_admins_are_not_sent_to_who_is_none_any_more(client, clerk, account, admin):
    sign_in(client, clerk)
    add(client, email="new@aurora.example", account=account.pk, role="basic")
    User.objects.filter(pk=admin.pk).update(role="basic")

    list(send_due_letters(now=timezone.now()))

    assert admin.email not in [letter.to[0] for letter in mail.outbox]
