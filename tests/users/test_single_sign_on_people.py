"""Whom of its people a company's provider lets in, and whom not."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from tests import make
from tests.pages import is_signed_in
from tests.plugins.company import leave
from tests.users.coming_in import come_in, log, words
from users.models import User

HOME = reverse("home")


def test_invited_person_is_confirmed_and_the_known_password_ends(client, aurora, provider, basic):
    User.objects.update(email_confirmed_at=None, password_expires_at="2099-01-01T00:00Z")
    provider.employ("ben", email="Basic@Aurora.example")

    come_in(client, provider, "ben")

    basic.refresh_from_db()
    assert basic.email_confirmed_at is not None
    assert (basic.has_usable_password(), basic.must_choose_password) == (False, False)
    assert client.get(HOME).status_code == 200
    assert [verb for _, verb, *_ in log()] == [
        "linked to single sign-on", "confirmed the e-mail of", "signed in",
    ]  # fmt: skip


def test_own_password_stays(client, aurora, provider, basic):
    provider.employ("ben", email=basic.email)

    come_in(client, provider, "ben")

    basic.refresh_from_db()
    assert basic.check_password(make.PASSWORD)


def test_invitation_to_an_address_that_signs_in_elsewhere_is_not_taken(
    client, aurora, provider, basic, stranger
):
    User.objects.filter(pk=basic.pk).update(email_confirmed_at=None)
    User.objects.filter(pk=stranger.pk).update(email=basic.email)
    provider.employ("ben", email=basic.email)

    response = come_in(client, provider, "ben")

    assert response.status_code == 403
    assert words(response).startswith("Your company's sign-in works, but nobody has added you")
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_stranger_of_the_company_is_told_whom_to_ask(client, aurora, provider, admin):
    provider.employ("new", email="new@aurora.example")

    response = come_in(client, provider, "new")

    assert response.status_code == 403
    assert words(response) == (
        "Your company's sign-in works, but nobody has added you here. Ask your Customer Admin."
    )
    assert User.objects.count() == 1
    assert log() == [
        (
            "somebody of aurora",
            "failed to sign in through single sign-on",
            f"Single sign-on aurora of {aurora.account}",
            "Aurora Robotics",
            {"why": "nobody has added new@aurora.example"},
        )
    ]


@pytest.mark.parametrize("whose", ["stranger", "staff"])
def test_provider_vouches_for_nobody_of_another_account(
    request, client, aurora, provider, account, whose
):
    person = request.getfixturevalue(whose)
    aurora.domains = ["borealis.example", "meridian.example"]
    aurora.save()
    provider.employ("mallory", email=person.email)

    response = come_in(client, provider, "mallory")

    assert response.status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_link_to_a_person_of_another_account_does_not_let_in(
    client, aurora, provider, basic, stranger
):
    provider.employ("ben", email=basic.email)
    come_in(client, provider, "ben")
    client.logout()
    SocialAccount.objects.update(user=stranger)

    assert come_in(client, provider, "ben").status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": None},
        {"email": 7},
    ],
)
def test_address_that_is_not_verified_lets_nobody_in(client, aurora, provider, basic, claims):
    provider.employ("ben", **{"email": basic.email, **claims})

    response = come_in(client, provider, "ben")

    assert response.status_code == 403
    assert "does not vouch for your e-mail address" in words(response)
    assert not is_signed_in(client)


def test_staff_can_let_a_provider_s_unverified_addresses_count(client, aurora, provider, basic):
    aurora.trusts_emails = True
    aurora.save()
    provider.employ("ben", email=basic.email, email_verified=False)

    come_in(client, provider, "ben")

    assert client.get(HOME).context["user"] == basic


@pytest.mark.parametrize("trusts_emails", [False, True])
def test_address_of_a_foreign_domain_lets_nobody_in(client, aurora, provider, basic, trusts_emails):
    User.objects.update(email="ben@private.example")
    aurora.trusts_emails = trusts_emails
    aurora.save()
    provider.employ("ben", email="ben@private.example")

    assert come_in(client, provider, "ben").status_code == 403
    assert not is_signed_in(client)


def test_whoever_was_met_before_is_known_by_name_whatever_their_address(
    client, aurora, provider, admin, basic
):
    provider.employ("ana", email=admin.email)
    provider.employ("ben", email=basic.email)
    for name in ("ana", "ben"):
        come_in(client, provider, name)
        client.logout()
    provider.employ("ana", email=basic.email)
    provider.employ("ben", email=admin.email)

    come_in(client, provider, "ana")

    assert client.get(HOME).context["user"] == admin


def test_second_name_with_somebody_s_address_is_not_that_person(client, aurora, provider, basic):
    provider.employ("ben", email=basic.email)
    come_in(client, provider, "ben")
    client.logout()
    provider.employ("successor", email=basic.email)

    response = come_in(client, provider, "successor")

    assert response.status_code == 403
    assert "before you" in words(response)
    assert not is_signed_in(client)


def test_disabled_person_does_not_come_in(client, aurora, provider, basic):
    provider.employ("ben", email=basic.email)
    User.objects.update(is_active=False)

    response = come_in(client, provider, "ben")

    assert response.status_code == 403
    assert words(response) == "Your sign-in here has been disabled. Ask your Customer Admin."
    assert not is_signed_in(client)


def test_removed_person_does_not_come_in_by_name_or_address(client, aurora, provider, basic):
    provider.employ("ben", email=basic.email)
    come_in(client, provider, "ben")
    client.logout()
    User.objects.update(is_active=False, removed_at="2026-01-01T00:00Z")

    assert come_in(client, provider, "ben").status_code == 403
    assert not is_signed_in(client)


def test_person_added_again_after_being_removed_comes_in(client, aurora, provider, basic, account):
    provider.employ("ben", email=basic.email)
    come_in(client, provider, "ben")
    client.logout()
    User.objects.update(is_active=False, removed_at="2026-01-01T00:00Z")
    again = make.user(account=account, email=basic.email, email_confirmed_at=None)

    come_in(client, provider, "ben")

    assert client.get(HOME).context["user"] == again
    assert SocialAccount.objects.get().user == again


def test_no_claim_but_the_name_is_kept(client, aurora, provider, basic):
    provider.employ("ben", email=basic.email, phone_number="+1 212 555 0100", salary=1)

    come_in(client, provider, "ben")

    link = SocialAccount.objects.get()
    assert link.extra_data == {"iss": provider.issuer, "sub": provider.people["ben"]}
    assert link.provider == "aurora"


def test_same_name_at_another_issuer_is_somebody_else(client, aurora, provider, forger, basic):
    provider.employ("ben", email=basic.email)
    come_in(client, provider, "ben")
    client.logout()
    aurora.issuer = forger.issuer
    aurora.save()
    forger.claims = {"sub": provider.people["ben"], "email": "new@aurora.example"}

    response = client.get(forger.ask(leave(client)))

    assert response.status_code == 403
    assert not is_signed_in(client)


def test_people_are_met_anew_by_address_where_the_company_asks_another_issuer(
    client, aurora, provider, forger, basic
):
    provider.employ("ben", email=basic.email)
    come_in(client, provider, "ben")
    client.logout()
    aurora.issuer = forger.issuer
    aurora.save()
    forger.claims = {"sub": "ben", "email": basic.email}

    client.get(forger.ask(leave(client)))

    assert client.get(HOME).context["user"] == basic
