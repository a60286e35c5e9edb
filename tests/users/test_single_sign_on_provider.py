"""A company's provider that is slow, broken or inside our own network, and what staff are told."""

import contextlib
import ipaddress
import re
import socket
import threading
import time

import pytest

from tests.pages import is_signed_in
from tests.plugins.company import leave
from tests.users.coming_in import why
from users.single_sign_on import fetching
from users.single_sign_on.discovery import examine
from users.single_sign_on.fetching import fetch_json, is_public
from users.single_sign_on.refusals import ProviderTrouble

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
