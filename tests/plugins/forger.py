"""A provider in the hands of somebody who means harm: it answers whatever a test tells it to."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
TRUE_KEY, OTHER_KEY = KEYS


class Forger:
    """Speaks as a provider. `claims`, `discovery` and `answers` change what it says.

    `sign` makes a token of claims. `asked` are the requests it got: (method, path, form, headers).
    """

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.claims, self.discovery, self.answers = {}, {}, {}
        self.asked = []
        self.query = {}
        self.sign = signed

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.05])
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def ask(self, address, **changes):
        """Let whoever comes to `address` in; return where that leads back to."""
        self.query = dict(parse_qsl(urlsplit(address).query))
        answer = {"code": "a-code", "state": self.query["state"], **changes}
        return f"{self.query['redirect_uri']}?" + "&".join(
            f"{name}={told}" for name, told in answer.items() if told is not None
        )

    def answer(self, method, path, form):
        """Return (status, JSON) for a request."""
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, self.says_about_itself()
        if path == "/jwks":
            return 200, {"keys": [public(TRUE_KEY)]}
        if path == "/token":
            return 200, {"access_token": "an-access-token", "id_token": self.sign(self.told())}
        return 404, {}

    def says_about_itself(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            **self.discovery,
        }

    def told(self):
        """Return the claims of the next ID token; a claim of None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "somebody",
            "aud": self.query["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": self.query["nonce"],
            "email_verified": True,
            **self.claims,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def proves_pkce(self, form):
        """Tell whether the form's verifier is that of the challenge that was sent before."""
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return challenge == self.query["code_challenge"]


def signed(claims, *, key=TRUE_KEY, algorithm="RS256", kid="true"):
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def public(key, kid="true"):
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}


def _handler(forger):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer({})

        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            self._answer(parse_qs(self.rfile.read(length).decode()))

        def _answer(self, form):
            forger.asked.append((self.command, self.path, form, dict(self.headers)))
            status, said = forger.answer(self.command, self.path, form)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", said["location"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    return Handler
