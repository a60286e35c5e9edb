"""Answers that a company's provider did not give, or not for this sign-in, let nobody in."""

import base64
import datetime as dt
import time

import jwt
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tests import make
from tests.pages import is_signed_in, read
from tests.plugins.company import leave
from tests.plugins.forger import OTHER_KEY, TRUE_KEY, public, signed
from tests.users.coming_in import why

HOME = reverse("home")


def come_in(client, forger, **changes):
    return client.get(forger.ask(leave(client), **changes))


def test_true_answer_lets_in(client, forger, ben):
    come_in(client, forger)

    assert client.get(HOME).context["user"] == ben


def test_verifier_of_pkce_and_the_client_s_secret_go_to_the_provider_itself(client, forger, ben):
    come_in(client, forger)

    ((_, _, form, headers),) = [asked for asked in forger.asked if asked[1] == "/token"]
    assert forger.proves_pkce(form)
    assert form["redirect_uri"] == [forger.query["redirect_uri"]]
    assert headers["Authorization"] == "Basic YWNjdWNvbmY6YSBjbGllbnQgc2VjcmV0"
    assert "client_secret" not in form


def test_secret_may_hold_any_letter(client, forger, ben, forged):
    forged.client_secret = "Schlüssel ✓"
    forged.save()

    come_in(client, forger)

    assert client.get(HOME).context["user"] == ben


def test_secret_goes_into_the_form_where_the_provider_wants_it(client, forger, ben):
    forger.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    come_in(client, forger)

    ((_, _, form, headers),) = [asked for asked in forger.asked if asked[1] == "/token"]
    assert (form["client_id"], form["client_secret"]) == (["accuconf"], ["a client secret"])
    assert "Authorization" not in headers


@pytest.mark.parametrize("state", ["forged", "", None])
def test_state_that_we_did_not_give_is_refused(client, forger, ben, state):
    response = come_in(client, forger, state=state)

    assert response.status_code == 400
    assert "was not begun here" in read(response).one("main").text
    assert not is_signed_in(client)
    assert "/token" not in [path for _, path, *_ in forger.asked]


def test_strangers_cannot_fill_the_account_s_log(client, forger, ben):
    come_in(client, forger, state="forged")

    assert not AuditEntry.objects.exists()


def test_state_works_once(client, forger, ben):
    back = forger.ask(leave(client))
    client.get(back)
    client.logout()

    assert client.get(back).status_code == 400
    assert not is_signed_in(client)


def test_state_of_another_browser_is_refused(client, forger, ben):
    back = forger.ask(leave(client))
    client.cookies.clear()

    assert client.get(back).status_code == 400
    assert not is_signed_in(client)


def test_state_that_took_too_long_is_refused(client, forger, ben):
    back = forger.ask(leave(client))

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
        response = client.get(back)

    assert response.status_code == 400


def test_answer_at_the_door_of_another_company_is_refused(client, forger, ben, stranger, provider):
    other = make.single_sign_on(account=stranger.account, issuer=provider.issuer, slug="borealis")
    back = forger.ask(leave(client))

    response = client.get(back.replace("/aurora/", f"/{other.slug}/"))

    assert response.status_code == 400
    assert not is_signed_in(client)


@pytest.mark.parametrize("slug", ["nowhere", "aurora"])
def test_unknown_and_inactive_doors_answer_alike(client, forged, slug):
    forged.is_active = False
    forged.save()

    response = client.get(reverse("openid_connect_callback", args=[slug]), {"code": "a"})

    assert response.status_code == 400


def test_answer_that_names_another_issuer_is_refused(client, forger, ben):
    response = come_in(client, forger, iss="https://other.example")

    assert response.status_code == 502
    assert "RFC 9207" in why()
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-program"},
        {"aud": ["accuconf", "another-program"]},
        {"azp": "another-program"},
        {"iss": "https://other.example"},
        {"iss": None},
        {"sub": None},
        {"sub": 7},
        {"sub": ""},
        {"sub": "\0"},
        {"sub": "\ud800"},
        {"sub": "x" * 256},
        {"nonce": "\ud800"},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
    ],
    ids=lambda claims: ", ".join(claims),
)
def test_token_that_is_not_for_this_sign_in_is_refused(client, forger, ben, claims):
    forger.claims |= claims

    response = come_in(client, forger)

    assert response.status_code == 502
    assert "an answer that we cannot trust" in read(response).one("main").text
    assert not is_signed_in(client)
    assert why()


PUBLIC_PEM = b"the true key's public half, which everybody knows, as a shared secret"
FORGERIES = {
    "another key": lambda claims: signed(claims, key=OTHER_KEY),
    "a key that the provider does not have": lambda claims: signed(claims, kid="unknown"),
    "no signature": lambda claims: jwt.encode(claims, None, "none", headers={"kid": "true"}),
    "a shared secret": lambda claims: signed(claims, key=PUBLIC_PEM, algorithm="HS256"),
    "changed after signing": lambda claims: tampered(signed(claims)),
    "no token": lambda claims: "",
    "not a token": lambda claims: "a.b.c",
    "a header without end": lambda claims: f"{nested()}.e30.AA",
    "a number": lambda claims: 7,
    "nothing": lambda claims: None,
}


def nested():
    return base64.urlsafe_b64encode(b"[" * 100_000).rstrip(b"=").decode()


def tampered(token):
    head, body, signature = token.split(".")
    return f"{head}.{body[:-4]}{'AAAA' if body[-4:] != 'AAAA' else 'BBBB'}.{signature}"


@pytest.mark.parametrize("forgery", FORGERIES)
def test_token_that_the_provider_did_not_sign_is_refused(client, forger, ben, forgery):
    forger.sign = FORGERIES[forgery]

    response = come_in(client, forger)

    assert response.status_code == 502
    assert not is_signed_in(client)


def test_token_without_a_key_s_name_is_judged_by_the_only_key(client, forger, ben):
    forger.sign = lambda claims: signed(claims, kid=None)

    come_in(client, forger)

    assert client.get(HOME).context["user"] == ben


def test_token_without_a_key_s_name_is_refused_where_there_are_several(client, forger, ben):
    forger.answers["/jwks"] = (200, {"keys": [public(TRUE_KEY), public(OTHER_KEY, "other")]})
    forger.sign = lambda claims: signed(claims, kid=None)

    assert come_in(client, forger).status_code == 502
    assert not is_signed_in(client)


def test_email_is_asked_for_where_the_token_has_none(client, forger, ben):
    forger.claims = {"email_verified": None}
    forger.discovery = {"userinfo_endpoint": f"{forger.issuer}/userinfo"}
    told = {"sub": "somebody", "email": ben.email, "email_verified": True}
    forger.answers["/userinfo"] = (200, told)

    come_in(client, forger)

    assert client.get(HOME).context["user"] == ben


def test_email_of_somebody_else_than_the_token_s_is_refused(client, forger, ben):
    forger.claims = {"email_verified": None}
    forger.discovery = {"userinfo_endpoint": f"{forger.issuer}/userinfo"}
    told = {"sub": "another", "email": ben.email, "email_verified": True}
    forger.answers["/userinfo"] = (200, told)

    assert come_in(client, forger).status_code == 502
    assert not is_signed_in(client)
