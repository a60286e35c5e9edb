"""A company's sign-in: a real OpenID Connect provider over HTTP, and one that forges answers.

The real one is a process of its own, one for the whole run; what a test tells it holds for that
test's people only, since every test makes new ones.
"""

import itertools
import subprocess
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.urls import reverse

from accuconf.sandbox.inbox import free_port
from tests import make
from tests.pages import read
from tests.plugins.forger import Forger

_serial = itertools.count(1)


@dataclass
class Company:
    """A client of the real provider at `issuer`, with people by the names it knows them under."""

    issuer: str
    client_id: str = ""
    client_secret: str = ""
    people: dict[str, str] = field(default_factory=dict)

    def register(self, redirect_uri):
        """Become a client that people come back from to `redirect_uri` only."""
        answer = requests.post(
            f"{self.issuer}/oauth2/clients",
            json={
                "redirect_uris": [redirect_uri],
                "token_endpoint_auth_method": "client_secret_basic",
            },
            timeout=5,
        ).json()
        self.client_id, self.client_secret = answer["client_id"], answer["client_secret"]

    def employ(self, name, **claims):
        """Tell the provider what it says about `name`; unless told, the e-mail is verified."""
        subject = self.people.setdefault(name, f"{name}-{next(_serial)}")
        told = {"email_verified": True, **claims}
        requests.put(f"{self.issuer}/users/{subject}", json=told, timeout=5).raise_for_status()

    def ask(self, address, name):
        """Sign in at `address` of the provider as `name`; return where that leads back to."""
        answer = requests.post(
            address, data={"sub": self.people[name]}, allow_redirects=False, timeout=5
        )
        return answer.headers["Location"]

    def turn_away(self, address):
        """Say no at `address` of the provider; return where that leads back to."""
        answer = requests.post(address, data={"action": "deny"}, allow_redirects=False, timeout=5)
        state = dict(parse_qsl(urlsplit(address).query))["state"]
        return f"{answer.headers['Location']}&state={state}"


def leave(client, company="aurora", **more):
    """Begin at the portal; return the provider's address that the page leads to."""
    return way_on(client.post(reverse("sso_start"), {"company": company, **more}))


def way_on(page):
    """Return the address that the page on the way to the provider leads to."""
    (link,) = read(page).all("a", **{"class": "btn btn-primary w-100"})
    return link.attributes["href"]


@pytest.fixture(scope="session")
def _running_provider():
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock"]
    options = ["--port", str(port), "--require-registration"]
    provider = subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    issuer = f"http://localhost:{port}"
    try:
        wait_until_it_answers(f"{issuer}/jwks")
        yield issuer
    finally:
        provider.terminate()
        provider.wait(10)


def wait_until_it_answers(address, *, seconds=30):
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            return requests.get(address, timeout=5)
        except requests.ConnectionError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)


@pytest.fixture
def provider(_running_provider):
    """A client of the real provider; `register` it before anybody signs in."""
    return Company(_running_provider)


@pytest.fixture
def aurora(account, provider):
    """Single sign-on of the account "Aurora Robotics", by the real provider."""
    made = make.single_sign_on(account=account, issuer=provider.issuer)
    provider.register(made.redirect_uri)
    made.client_id, made.client_secret = provider.client_id, provider.client_secret
    made.save()
    return made


@pytest.fixture
def forged(account, forger):
    """Single sign-on of the same account, by the provider that can forge."""
    return make.single_sign_on(account=account, issuer=forger.issuer)


@pytest.fixture
def forger():
    """A provider that does all right until it is told to forge something."""
    with Forger() as provider:
        yield provider
