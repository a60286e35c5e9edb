"""Where a company requires its own sign-in, passwords do no more."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.services.letters import send_due_letters
from tests import make
from tests.pages import read, sign_in, submit_password
from tests.plugins.company import leave

HOME = reverse("home")


@pytest.fixture
def required(aurora):
    aurora.is_required = True
    aurora.save()
    return aurora


def test_right_password_leads_to_the_company_instead(client, required, basic):
    response = client.post(
        reverse("account_login"), {"login": basic.email, "password": make.PASSWORD}, follow=True
    )

    page = read(response)
    assert response.request["PATH_INFO"] == reverse("sso_start")
    assert page.one("input", name="company").attributes["value"] == "aurora"
    assert "Your company wants you to sign in through it." in page.one("main").text
    assert client.get(HOME).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.account) == ("failed to sign in", required.account)
    assert entry.after == {"why": "single sign-on is required"}


def test_wrong_password_says_nothing_about_it(client, required, basic, stranger):
    ours, theirs = (
        read(submit_password(client, person.email, "wrong")).one("main").text
        for person in (basic, stranger)
    )

    assert ours.replace(basic.email, "") == theirs.replace(stranger.email, "")


def test_company_lets_in_all_the_same(client, required, provider, basic):
    provider.employ("ben", email=basic.email)

    client.get(provider.ask(leave(client), "ben"))

    assert client.get(HOME).context["user"] == basic


def test_password_tried_before_does_not_hinder(client, required, provider, basic):
    provider.employ("ben", email=basic.email)
    submit_password(client, basic.email)

    client.get(provider.ask(leave(client), "ben"))

    assert client.get(HOME).context["user"] == basic


def test_company_s_sign_in_does_not_let_a_password_in_later(client, required, provider, basic):
    provider.employ("ben", email=basic.email)
    client.get(provider.ask(leave(client), "ben"))
    client.post(reverse("account_logout"))

    submit_password(client, basic.email)

    assert client.get(HOME).status_code == 302


@pytest.mark.parametrize("change", [{"is_required": False}, {"is_active": False}])
def test_staff_let_passwords_in_again(client, required, basic, change):
    type(required).objects.update(**change)

    submit_password(client, basic.email)

    assert client.get(HOME).context["user"] == basic


def test_other_accounts_sign_in_by_password(client, required, stranger):
    submit_password(client, stranger.email)

    assert client.get(HOME).context["user"] == stranger


def test_staff_sign_in_by_password(client, required, staff):
    assert submit_password(client, staff.email)["Location"] == reverse("admin:index")


def test_reset_sends_no_link_and_answers_alike(client, required, basic, stranger):
    answers = [
        client.post(reverse("account_reset_password"), {"email": person.email}, follow=True)
        for person in (basic, stranger)
    ]

    list(send_due_letters(now=timezone.now()))
    to_basic, to_stranger = mail.outbox
    assert answers[0].content == answers[1].content
    assert (to_basic.to, to_stranger.to) == ([basic.email], [stranger.email])
    assert f"{reverse('sso_start')}?company=" in to_basic.body
    assert "/password/reset/" not in to_basic.body
    assert "/password/reset/" in to_stranger.body


def test_password_proves_nothing_either(client, required, basic):
    sign_in(client, basic)

    response = client.get(reverse("account_reauthenticate"))

    assert response["Location"] == reverse("sso_again")
    assert client.get(reverse("sso_again")).status_code == 200
