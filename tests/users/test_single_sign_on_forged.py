"""Answers that a company's provider did not give, or not for this sign-in, let nobody in."""

import base64
import contextlib
import datetime as dt
import ipaddress
import re
import socket
import threading
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
from users.single_sign_on import fetching
from users.single_sign_on.discovery import examine
from users.single_sign_on.fetching import fetch_json, is_public
from users.single_sign_on.refusals import ProviderTrouble

HOME = reverse("home")


def come_in(client, forger, **changes):
    return client.get(forger.ask(leave(client), **changes))


def why():
    """Return what the account's log says about the one try that failed."""
    (entry,) = AuditEntry.objects.filter(verb="failed to sign in through single sign-on")
    return entry.after["why"]


@pytest.fixture
def ben(basic, forged, forger):
    """Somebody whom the provider truly vouches for, unless a test changes what it says."""
    forger.claims = {"email": basic.email}
    return basic


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


DISTURBANCES = {
    "an error": (500, {}),
    "a list": (200, []),
    "no JSON": (200, b"<html>"),
    "no UTF-8": (200, b"\xff\xfe\xfd"),
    "nothing": (200, b""),
    "deep nesting": (200, b"[" * 100_000),
    "another address": (302, {"location": "/jwks"}),
    "strange values": (200, {"keys": 7, "issuer": 7, "id_token": [], "access_token": {}}),
    "strange kinds": (200, {"token_endpoint_auth_methods_supported": 7, "keys": {}}),
    "strange keys": (200, {"keys": [7, {"kty": "RSA"}, {"kty": "oct", "k": "c2VjcmV0"}]}),
}


def test_nonsense_does_not_keep_the_refusal_out_of_the_log(client, forger, ben):
    back = forger.ask(leave(client))
    forger.discovery = {"jwks_uri": "ftp://\0"}

    client.get(back)

    assert "is not an https address" in why()


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_provider_that_answers_nonsense_is_a_sentence(client, forger, ben, path, disturbance):
    back = forger.ask(leave(client))
    forger.answers[path] = DISTURBANCES[disturbance]

    response = client.get(back)

    assert response.status_code == 502
    assert not is_signed_in(client)
    assert why()


def test_answer_without_end_is_given_up(forger):
    forger.answers["/jwks"] = (200, b'{"keys": "' + b"x" * 600_000 + b'"}')

    with pytest.raises(ProviderTrouble, match="cannot be reached"):
        fetch_json(f"{forger.issuer}/jwks")


def test_answer_that_comes_drop_by_drop_is_given_up(monkeypatch):
    monkeypatch.setattr(fetching, "LONGEST_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        thread = threading.Thread(target=drip, args=[slow])
        thread.start()
        with pytest.raises(ProviderTrouble, match="cannot be reached"):
            fetch_json(f"http://127.0.0.1:{slow.getsockname()[1]}")
        thread.join()


def drip(server):
    """Answer the first caller with a letter at a time, as long as they listen, at most 10 s."""
    caller, _ = server.accept()
    with caller, contextlib.suppress(OSError):
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        for _ in range(100):
            caller.sendall(b"{")
            time.sleep(0.1)


def test_provider_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(fetching, "CONNECT_AND_READ_SECONDS", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(ProviderTrouble, match="cannot be reached"):
            fetch_json(address)


@pytest.mark.parametrize(
    ("discovery", "sentence"),
    [
        ({"issuer": "https://other.example"}, r"calls itself 'https://other.example', not 'http"),
        ({"issuer": None}, "calls itself None"),
        ({"token_endpoint": None}, "does not name its token_endpoint"),
        ({"authorization_endpoint": 7}, "does not name its authorization_endpoint"),
        ({"jwks_uri": "http://["}, r"http://\[ is not an https address"),
        ({"jwks_uri": "http://a:b"}, "cannot be reached"),
        ({"jwks_uri": "ftp://127.0.0.1/keys"}, "ftp://127.0.0.1/keys is not an https address"),
        ({"jwks_uri": "http://127.0.0.1:1/"}, "cannot be reached"),
        ({"jwks_uri": "http://127.0.0.1:1/\0"}, "cannot be reached"),
        ({"userinfo_endpoint": 7}, "userinfo_endpoint is not as it must be"),
        ({"claims_supported": 7}, "claims_supported is not as it must be"),
        ({"response_types_supported": ["id_token"]}, "authorization code flow"),
        ({"code_challenge_methods_supported": ["plain"]}, "PKCE with S256"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, "by no method that we trust"),
    ],
    ids=str,
)
def test_check_says_in_words_what_is_wrong(forger, discovery, sentence):
    forger.discovery = discovery

    (complaint,), _ = examine(forger.issuer)

    assert re.search(sentence, complaint)


def test_check_of_a_good_provider_has_only_remarks(forger):
    forger.discovery = {"claims_supported": ["sub", "email", "email_verified"]}

    assert examine(forger.issuer) == ([], ["It does not say that it sends auth_time."])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_production_says_not_a_word_to_what_is_inside(settings, host):
    settings.SANDBOX = False
    with inner_server(host) as inside:
        with pytest.raises(ProviderTrouble, match="cannot be reached"):
            fetch_json(f"https://{host}:{inside.getsockname()[1]}/jwks")

        heard, _ = inside.accept()
        with heard:
            assert heard.recv(1) == b""


def inner_server(host):
    """Listen where `host` leads to."""
    if host == "[::1]":
        return socket.create_server(("::1", 0), family=socket.AF_INET6)
    return socket.create_server(("127.0.0.1", 0))


def test_production_calls_nothing_without_tls(forger, settings):
    settings.SANDBOX = False

    with pytest.raises(ProviderTrouble, match="is not an https address"):
        fetch_json(f"{forger.issuer}/jwks")

    assert forger.asked == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        *((inner, False) for inner in (
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
            "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "2002:7f00:1::",
        )),
    ],
)  # fmt: skip
def test_only_addresses_of_the_open_internet_are_public(address, expected):
    assert is_public(ipaddress.ip_address(address)) is expected


def test_environment_s_proxy_sees_no_secret(forger, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert fetch_json(f"{forger.issuer}/jwks")["keys"]
