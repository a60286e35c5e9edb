"""Signing in through one's own company: which company, and the way there and back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests import make
from tests.pages import read, sign_in
from tests.plugins.company import leave
from tests.users.coming_in import come_in, log, words

START = reverse("sso_start")
HOME = reverse("home")


def test_provider_lets_a_person_of_the_account_in(client, aurora, provider, basic):
    provider.employ("ben", email=basic.email)

    response = come_in(client, provider, "ben")

    assert (response.status_code, response["Location"]) == (302, HOME)
    assert client.get(HOME).context["user"] == basic
    assert log() == [
        ("Ben Basic", "linked to single sign-on", "User Ben Basic", "Aurora Robotics", {}),
        ("Ben Basic", "signed in", "User Ben Basic", "Aurora Robotics",
         {"through": "single sign-on"}),
    ]  # fmt: skip


def test_what_is_asked_of_the_provider_is_bound_to_this_sign_in(client, aurora):
    first, second = (
        {name: values[0] for name, values in parse_qs(urlsplit(leave(client)).query).items()}
        for _ in range(2)
    )

    assert first["redirect_uri"] == aurora.redirect_uri
    assert first["scope"] == "openid email profile"
    assert first["code_challenge_method"] == "S256"
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


def test_one_lands_where_one_wanted_to_go(client, aurora, provider, admin):
    bills = reverse("billing:bill_list")
    provider.employ("ana", email=admin.email)

    asked = client.get(reverse("account_login"), {"next": bills})
    link = read(asked).one("a", href=f"{START}?next=%2Fcustomer%2Fbills%2F")
    began = client.get(link.attributes["href"])
    wanted = read(began).one("input", name="next").attributes["value"]
    response = client.get(provider.ask(leave(client, next=wanted), "ana"))

    assert response["Location"] == bills


def test_nobody_is_led_to_a_foreign_site(client, aurora, provider, basic):
    provider.employ("ben", email=basic.email)

    address = leave(client, next="https://evil.example/")

    assert client.get(provider.ask(address, "ben"))["Location"] == HOME


@pytest.mark.parametrize("name", ["aurora", " Aurora ", "number"])
def test_company_is_found_by_its_name_or_number(client, aurora, provider, name):
    typed = aurora.account.number if name == "number" else name

    assert leave(client, typed).startswith(f"{provider.issuer}/oauth2/authorize?")


def test_a_name_goes_before_another_company_s_number(client, aurora, stranger, forger):
    make.single_sign_on(account=stranger.account, issuer=forger.issuer, slug=aurora.account.number)

    assert leave(client, aurora.account.number).startswith(forger.issuer)


@pytest.mark.parametrize("typed", ["nowhere", "aurora2", "", "x" * 51, "\x00", "é"])
def test_unknown_company_gets_a_sentence_and_keeps_what_was_typed(client, aurora, typed):
    response = client.post(START, {"company": typed})

    page = read(response)
    assert response.status_code == 200
    assert page.one("input", name="company").attributes.get("value", "") == typed
    assert len(page.all("div", **{"class": "invalid-feedback"})) == 1


def test_inactive_company_gets_the_same_answer_as_an_unknown_one(client, aurora):
    aurora.is_active = False
    aurora.save()

    inactive, unknown = (
        read(client.post(START, {"company": name})).one("div", **{"class": "invalid-feedback"})
        for name in ("aurora", "nowhere")
    )

    assert inactive.text == unknown.text


def test_link_that_names_the_company_fills_it_in(client, db):
    response = client.get(reverse("openid_connect_login", args=["aurora"]), follow=True)

    assert response.request["PATH_INFO"] == START
    assert read(response).one("input", name="company").attributes["value"] == "aurora"


def test_who_turns_back_is_not_signed_in(client, aurora, provider):
    response = client.get(provider.turn_away(leave(client)))

    assert response.status_code == 403
    assert words(response) == "You came back from your company without being signed in."
    assert log()[0][-1] == {"why": "the provider answered 'access_denied'"}


def test_provider_that_is_down_is_a_sentence(client, account, forger):
    make.single_sign_on(account=account, issuer="http://127.0.0.1:1")

    response = client.post(START, {"company": "aurora"})

    assert response.status_code == 502
    assert words(response).startswith("Your company's sign-in does not answer as it should.")
    assert "cannot be reached" in log()[0][-1]["why"]


def test_company_is_in_charge_of_the_second_factor(client, aurora, provider, basic):
    Authenticator.objects.create(user=basic, type="totp", data={"secret": "x"})
    provider.employ("ben", email=basic.email)

    through_company = come_in(client, provider, "ben")

    assert through_company["Location"] == HOME
    assert client.get(HOME).context["user"] == basic


def test_one_address_cannot_let_us_call_providers_without_end(client, aurora):
    answers = [client.post(START, {"company": "nowhere"}).status_code for _ in range(40)]

    assert answers[0] == 200
    assert answers[-1] == 429


def test_who_is_signed_in_begins_no_other_sign_in(client, aurora, basic):
    sign_in(client, basic)

    assert client.post(START, {"company": "aurora"})["Location"] == HOME


def test_page_on_the_way_names_the_host_and_needs_no_script(client, aurora):
    page = read(client.post(START, {"company": "aurora"}))

    onward = page.one("meta", **{"http-equiv": "refresh"}).attributes["content"]
    assert onward.startswith("0; url=http://localhost:")
    assert "at localhost, then" in page.one("main").text
