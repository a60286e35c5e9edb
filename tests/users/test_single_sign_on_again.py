"""Proving anew who one is, through one's own company."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.decorators import reauthentication_required
from django.http import HttpResponse
from django.urls import include, path, reverse

from accounts.models import AuditEntry
from tests import make
from tests.pages import read, sign_in
from tests.plugins.company import leave, way_on


@reauthentication_required
def guarded(request):
    return HttpResponse(f"{request.method} {request.POST.get('card', '')}")


urlpatterns = [path("", include("accuconf.urls")), path("customer/guarded/", guarded)]
pytestmark = pytest.mark.urls(__name__)

AGAIN = reverse("sso_again")
GUARDED = "/customer/guarded/"


@pytest.fixture
def ben(client, aurora, provider, basic):
    """Somebody without a password, signed in through the company."""
    basic.set_unusable_password()
    basic.save()
    provider.employ("ben", email=basic.email)
    client.get(provider.ask(leave(client), "ben"))
    return basic


def asked_again(provider, person):
    """Let the provider say that it has asked `person` just now."""
    provider.employ("ben", email=person.email, auth_time=int(time.time()))


def ask_for(client, address, **form):
    """Ask for what needs a proof; return the page that leads to the provider."""
    response = client.post(address, form) if form else client.get(address)
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == AGAIN
    return client.get(response["Location"])


def test_people_without_a_password_are_sent_to_their_company(client, provider, ben):
    page = ask_for(client, GUARDED)

    query = parse_qs(urlsplit(way_on(page)).query)
    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])


def test_whoever_was_asked_again_goes_on(client, provider, ben):
    page = ask_for(client, GUARDED)
    asked_again(provider, ben)

    response = client.get(provider.ask(way_on(page), "ben"), follow=True)

    assert response.request["PATH_INFO"] == GUARDED
    assert response.content == b"GET "
    assert client.get(GUARDED).status_code == 200


def test_what_was_sent_before_the_proof_is_done_after_it(client, provider, ben):
    page = ask_for(client, GUARDED, card="4242")
    asked_again(provider, ben)

    response = client.get(provider.ask(way_on(page), "ben"), follow=True)

    assert response.content == b"POST 4242"


def test_proof_gets_old(client, provider, ben):
    page = ask_for(client, GUARDED)
    asked_again(provider, ben)
    client.get(provider.ask(way_on(page), "ben"))
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()

    ask_for(client, GUARDED)


@pytest.mark.parametrize(
    "auth_time", [None, "now", 0, time.time() - 600], ids=["none", "no number", "never", "long ago"]
)
def test_provider_that_did_not_ask_again_proves_nothing(client, provider, ben, auth_time):
    page = ask_for(client, GUARDED)
    provider.employ("ben", email=ben.email, auth_time=auth_time)

    response = client.get(provider.ask(way_on(page), "ben"))

    assert response.status_code == 403
    assert "did not say that it asked you again" in read(response).one("main").text
    ask_for(client, GUARDED)


def test_coming_back_as_somebody_else_proves_nothing(client, provider, ben, admin):
    page = ask_for(client, GUARDED)
    provider.employ("ana", email=admin.email, auth_time=int(time.time()))

    response = client.get(provider.ask(way_on(page), "ana"))

    assert response.status_code == 403
    assert client.get(reverse("home")).context["user"] == ben
    ask_for(client, GUARDED)
    assert AuditEntry.objects.filter(after={"why": "came back as Ana Admin"}).count() == 1


def test_an_ordinary_sign_in_is_no_proof(client, provider, ben):
    asked_again(provider, ben)
    client.logout()
    client.get(provider.ask(leave(client), "ben"))

    ask_for(client, GUARDED)


def test_whoever_has_signed_out_meanwhile_is_not_signed_in_by_the_proof(client, provider, ben):
    page = ask_for(client, GUARDED)
    asked_again(provider, ben)
    back = provider.ask(way_on(page), "ben")
    client.logout()

    assert client.get(back).status_code == 400
    assert client.get(reverse("home")).status_code == 302


def test_people_with_a_password_may_prove_themselves_either_way(client, provider, ben):
    ben.set_password(make.PASSWORD)
    ben.save()
    client.get(provider.ask(leave(client), "ben"))

    response = client.get(GUARDED)
    page = client.get(response["Location"])

    assert urlsplit(response["Location"]).path == reverse("account_reauthenticate")
    assert AGAIN in page.content.decode()


def test_people_whose_company_is_not_asked_any_more_are_told_how_to_go_on(client, aurora, ben):
    aurora.is_active = False
    aurora.save()

    response = client.get(client.get(GUARDED)["Location"])

    assert response.status_code == 403
    assert read(response).one("a", href=reverse("account_reset_password"))


def test_people_with_a_password_only_are_asked_for_that(client, basic):
    sign_in(client, basic)

    assert client.get(AGAIN)["Location"] == reverse("account_reauthenticate")
    assert urlsplit(client.get(GUARDED)["Location"]).path == reverse("account_reauthenticate")


def test_password_typed_before_the_proof_is_not_kept(client, provider, ben):
    chosen = {"password1": "a secret long password", "password2": "a secret long password"}

    response = client.post(reverse("account_set_password"), chosen)

    assert response["Location"] == reverse("account_set_password")
    assert "secret" not in str(dict(client.session))
    assert urlsplit(client.get(response["Location"])["Location"]).path == AGAIN
